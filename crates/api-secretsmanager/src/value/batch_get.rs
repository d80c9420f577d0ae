//! BatchGetSecretValue: the current values of a list of secrets, or of those that pass
//! filters. What cannot be had is an error beside the others' values.

use std::sync::Arc;

use neargate_api::model::secretsmanager::Secret;
use neargate_api::types::secretsmanager::{
    APIErrorType, BatchGetSecretValueRequest, BatchGetSecretValueResponse, Filter,
    SecretValueEntry, error,
};
use neargate_api::{AwsError, Ctx, Page, Question, page};

use crate::secret::{self, filter};
use crate::value::get;

const PAGE: usize = 20;

pub async fn call(
    ctx: Ctx,
    input: BatchGetSecretValueRequest,
) -> Result<BatchGetSecretValueResponse, AwsError> {
    let (ids, next_token) = match (input.secret_id_list, input.filters) {
        (Some(ids), None) => {
            if input.max_results.is_some() {
                return Err(error::invalid_parameter_exception(
                    "You can't specify MaxResults when you use SecretIdList.",
                ));
            }
            (ids, None)
        }
        (None, Some(filters)) => {
            let limit = input.max_results.map_or(PAGE, |n| n as usize);
            filtered(&ctx, &filters, input.next_token.as_deref(), limit)?
        }
        _ => {
            return Err(error::invalid_parameter_exception(
                "You must include either Filters or SecretIdList, but not both.",
            ));
        }
    };
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        match one(&ctx, &id).await {
            Ok(entry) => values.push(entry),
            Err(error) => errors.push(APIErrorType {
                secret_id: Some(id),
                error_code: Some(error.code.to_string()),
                message: Some(error.message.clone()),
            }),
        }
    }
    Ok(BatchGetSecretValueResponse {
        secret_values: Some(values),
        errors: Some(errors),
        next_token,
    })
}

/// The ARNs of one page of the secrets that pass, which takes the right to list them.
fn filtered(
    ctx: &Ctx,
    filters: &[Filter],
    token: Option<&str>,
    limit: usize,
) -> Result<(Vec<String>, Option<String>), AwsError> {
    ctx.authorize("secretsmanager:ListSecrets", "*")?;
    filter::check(filters)?;
    let snapshot = ctx.snapshot();
    let secrets = snapshot
        .scan::<Secret>(&Secret::key_of(&ctx.region, ""))
        .filter(|secret| secret.deletion.is_none() && filter::passes(secret, filters));
    let Page { items, next_token } =
        page(secrets, |secret: &Arc<Secret>| secret.name.clone(), token, limit)
            .ok_or_else(|| error::invalid_next_token_exception("Invalid token."))?;
    Ok((items.iter().map(|secret| secret.arn.clone()).collect(), next_token))
}

async fn one(ctx: &Ctx, id: &str) -> Result<SecretValueEntry, AwsError> {
    let (arn, policy) = crate::governed(ctx, id);
    let question = Question::new("secretsmanager:GetSecretValue", &arn, &ctx.region, ctx.now);
    ctx.authorize_with(&Question { resource_policy: policy.as_deref(), ..question })?;
    let secret = secret::usable(ctx, id)?;
    let version = get::choose(&secret, None, None)?;
    let entry = get::read(ctx, &secret, version)?;
    get::note_access(ctx, &secret, &version.id).await?;
    Ok(entry)
}
