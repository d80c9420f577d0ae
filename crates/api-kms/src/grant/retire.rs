//! RetireGrant: by its token, or by key and id; by whom the grant names, or the key's policy.

use std::sync::Arc;

use neargate_api::model::kms::Grant;
use neargate_api::types::kms::{RetireGrantOutput, RetireGrantRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::access::{self, Use};
use crate::{grant, key};

pub async fn call(ctx: Ctx, input: RetireGrantRequest) -> Result<RetireGrantOutput, AwsError> {
    let found = find(&ctx, &input)?;
    let named = found.retiring.as_deref();
    if !named.is_some_and(|arn| access::is_caller(&ctx, &ctx.snapshot(), arn)) {
        let key = key::find(&ctx, &found.key_id)?;
        access::allowed(&ctx, &key, &Use::plain("kms:RetireGrant"))?;
    }
    grant::dry_run(input.dry_run)?;
    let place = Grant::key_of(&ctx.region, &found.key_id, &found.id);
    ctx.write(move |tx| {
        tx.delete::<Grant>(&place).map(drop).ok_or_else(|| grant::not_found(&found.id))
    })
    .await?;
    Ok(RetireGrantOutput {})
}

fn find(ctx: &Ctx, input: &RetireGrantRequest) -> Result<Arc<Grant>, AwsError> {
    let snapshot = ctx.snapshot();
    match (&input.grant_token, &input.key_id, &input.grant_id) {
        (Some(token), None, None) => snapshot
            .scan::<Grant>(&format!("{}/", ctx.region))
            .find(|grant| grant.token == *token)
            .ok_or_else(|| error::invalid_grant_token_exception("Invalid grant token.")),
        (None, Some(key_id), Some(id)) => {
            let key = key::find(ctx, key_id)?;
            snapshot
                .get::<Grant>(&Grant::key_of(&ctx.region, &key.id, id))
                .ok_or_else(|| grant::not_found(id))
        }
        _ => Err(AwsError::new(
            400,
            "ValidationException",
            "Specify either a grant token, or a key ID and a grant ID.",
        )),
    }
}
