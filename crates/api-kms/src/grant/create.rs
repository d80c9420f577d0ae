//! CreateGrant: with a name, a repeated request gives the same grant.

use neargate_api::model::kms::{Grant, State};
use neargate_api::types::kms::{CreateGrantRequest, CreateGrantResponse, error};
use neargate_api::{AwsError, Ctx, Stored};

use crate::{access, grant, key};

pub async fn call(ctx: Ctx, input: CreateGrantRequest) -> Result<CreateGrantResponse, AwsError> {
    let key = key::permitted(&ctx, &input.key_id, "kms:CreateGrant")?;
    if matches!(key.state, State::PendingDeletion { .. }) {
        return Err(access::pending_deletion(&key));
    }
    if input.grantee_service_principal.is_some() || input.retiring_service_principal.is_some() {
        return Err(error::unsupported_operation_exception(
            "This Neargate has grants for principals of IAM only, not for services.",
        ));
    }
    for arn in [&input.grantee_principal, &input.retiring_principal].into_iter().flatten() {
        if !arn.starts_with("arn:") {
            return Err(error::invalid_arn_exception(format!("{arn} is not a principal's ARN.")));
        }
    }
    if input.grantee_principal.is_none() {
        return Err(AwsError::new(400, "ValidationException", "GranteePrincipal is missing."));
    }
    grant::dry_run(input.dry_run)?;
    let id = ctx.rng().hex(64);
    let mut token = [0; 48];
    ctx.vault().random(&mut token);
    let made = Grant {
        region: ctx.region.clone(),
        key_id: key.id.clone(),
        token: hex::encode(token),
        id,
        created: ctx.now,
        name: input.name,
        grantee: input.grantee_principal,
        retiring: input.retiring_principal,
        operations: input.operations,
        constraints: input.constraints.map(Stored),
    };
    let kept = ctx
        .write(move |tx| {
            let prefix = Grant::key_of(&made.region, &made.key_id, "");
            if let Some(there) = tx.scan::<Grant>(&prefix).find(|there| is_same(there, &made)) {
                return Ok(Grant::clone(&there));
            }
            tx.put(made.clone());
            Ok(made)
        })
        .await?;
    Ok(CreateGrantResponse { grant_id: Some(kept.id), grant_token: Some(kept.token) })
}

fn is_same(there: &Grant, made: &Grant) -> bool {
    made.name.is_some()
        && there.name == made.name
        && there.grantee == made.grantee
        && there.retiring == made.retiring
        && there.operations == made.operations
        && there.constraints == made.constraints
}
