//! UpdateAlias: the name goes to another key.

use neargate_api::model::kms::Alias;
use neargate_api::types::kms::{UpdateAliasOutput, UpdateAliasRequest};
use neargate_api::{AwsError, Ctx};

use crate::{alias, key};

pub async fn call(ctx: Ctx, input: UpdateAliasRequest) -> Result<UpdateAliasOutput, AwsError> {
    alias::check_name(&input.alias_name)?;
    alias::authorize(&ctx, "kms:UpdateAlias", &input.alias_name)?;
    let target = key::customers(&ctx, &input.target_key_id, "kms:UpdateAlias")?;
    let missing = alias::not_found(&ctx, &input.alias_name);
    let place = Alias::key_of(&ctx.region, &input.alias_name);
    let now = ctx.now;
    ctx.write(move |tx| {
        let updated = tx.update::<Alias>(&place, |alias| {
            alias.target = target.id.clone();
            alias.updated = now;
        });
        updated.map(drop).ok_or(missing)
    })
    .await?;
    Ok(UpdateAliasOutput {})
}
