//! RevokeGrant: by whom the key's policy lets.

use neargate_api::model::kms::Grant;
use neargate_api::types::kms::{RevokeGrantOutput, RevokeGrantRequest};
use neargate_api::{AwsError, Ctx};

use crate::{grant, key};

pub async fn call(ctx: Ctx, input: RevokeGrantRequest) -> Result<RevokeGrantOutput, AwsError> {
    let key = key::permitted(&ctx, &input.key_id, "kms:RevokeGrant")?;
    let place = Grant::key_of(&ctx.region, &key.id, &input.grant_id);
    if !ctx.snapshot().contains::<Grant>(&place) {
        return Err(grant::not_found(&input.grant_id));
    }
    grant::dry_run(input.dry_run)?;
    ctx.write(move |tx| {
        tx.delete::<Grant>(&place).map(drop).ok_or_else(|| grant::not_found(&input.grant_id))
    })
    .await?;
    Ok(RevokeGrantOutput {})
}
