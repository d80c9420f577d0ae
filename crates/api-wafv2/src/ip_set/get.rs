//! GetIPSet.

use neargate_api::model::wafv2::IpSet;
use neargate_api::types::wafv2::{GetIPSetRequest, GetIPSetResponse, IPSet};
use neargate_api::{AwsError, Ctx};

use crate::error;

pub async fn call(ctx: Ctx, input: GetIPSetRequest) -> Result<GetIPSetResponse, AwsError> {
    let arn = super::resource(&ctx, &input.scope, &input.name, &input.id);
    let found = ctx.snapshot().get::<IpSet>(&arn).ok_or_else(error::nonexistent)?;
    let shown = IPSet {
        addresses: found.addresses.clone(),
        arn,
        description: found.description.clone(),
        id: found.id.clone(),
        ip_address_version: found.version.clone(),
        name: found.name.clone(),
    };
    Ok(GetIPSetResponse { ip_set: Some(shown), lock_token: Some(found.lock_token.clone()) })
}
