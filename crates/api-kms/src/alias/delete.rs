//! DeleteAlias: the key stays.

use neargate_api::model::kms::Alias;
use neargate_api::types::kms::{DeleteAliasOutput, DeleteAliasRequest};
use neargate_api::{AwsError, Ctx};

use crate::access::{self, Use};
use crate::{alias, key};

pub async fn call(ctx: Ctx, input: DeleteAliasRequest) -> Result<DeleteAliasOutput, AwsError> {
    alias::check_name(&input.alias_name)?;
    alias::authorize(&ctx, "kms:DeleteAlias", &input.alias_name)?;
    let place = Alias::key_of(&ctx.region, &input.alias_name);
    let missing = alias::not_found(&ctx, &input.alias_name);
    let there = ctx.snapshot().get::<Alias>(&place).ok_or_else(|| missing.clone())?;
    // A key whose waiting period is over can neither be asked nor stand in the way.
    if let Ok(key) = key::find(&ctx, &there.target) {
        access::allowed(&ctx, &key, &Use::plain("kms:DeleteAlias"))?;
    }
    ctx.write(move |tx| tx.delete::<Alias>(&place).map(drop).ok_or(missing)).await?;
    Ok(DeleteAliasOutput {})
}
