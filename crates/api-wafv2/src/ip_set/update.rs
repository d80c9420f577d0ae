//! UpdateIPSet: its addresses are given anew.

use neargate_api::model::wafv2::IpSet;
use neargate_api::types::wafv2::{UpdateIPSetRequest, UpdateIPSetResponse};
use neargate_api::{AwsError, Ctx};

use crate::error;

pub async fn call(ctx: Ctx, input: UpdateIPSetRequest) -> Result<UpdateIPSetResponse, AwsError> {
    let arn = super::resource(&ctx, &input.scope, &input.name, &input.id);
    let next = ctx.rng().uuid();
    ctx.write(move |tx| {
        let found = tx.get::<IpSet>(&arn).ok_or_else(error::nonexistent)?;
        super::check_lock(&found, &input.lock_token)?;
        super::check_addresses(&found.version, &input.addresses)?;
        tx.put(IpSet {
            lock_token: next.clone(),
            description: input.description,
            addresses: input.addresses,
            ..IpSet::clone(&found)
        });
        Ok(UpdateIPSetResponse { next_lock_token: Some(next) })
    })
    .await
}
