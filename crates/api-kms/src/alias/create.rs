//! CreateAlias: a new name for a key.

use neargate_api::model::kms::{Alias, State};
use neargate_api::types::kms::{CreateAliasOutput, CreateAliasRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::{access, alias, key};

pub async fn call(ctx: Ctx, input: CreateAliasRequest) -> Result<CreateAliasOutput, AwsError> {
    alias::check_name(&input.alias_name)?;
    alias::authorize(&ctx, "kms:CreateAlias", &input.alias_name)?;
    let target = key::customers(&ctx, &input.target_key_id, "kms:CreateAlias")?;
    if matches!(target.state, State::PendingDeletion { .. }) {
        return Err(access::pending_deletion(&target));
    }
    let made = Alias {
        region: ctx.region.clone(),
        arn: ctx.arn("kms", &*input.alias_name),
        name: input.alias_name,
        target: target.id.clone(),
        created: ctx.now,
        updated: ctx.now,
    };
    let now = ctx.now;
    ctx.write(move |tx| {
        key::forget_gone(tx, &made.region, now);
        let message = format!("An alias with the name {} already exists", made.arn);
        tx.insert(made).map_err(|_| error::already_exists_exception(message))
    })
    .await?;
    Ok(CreateAliasOutput {})
}
