//! DeleteIPSet: not while a rule refers to it.

use neargate_api::model::wafv2::{IpSet, WebAcl};
use neargate_api::types::wafv2::{DeleteIPSetRequest, DeleteIPSetResponse};
use neargate_api::{AwsError, Ctx};

use crate::{error, rule};

pub async fn call(ctx: Ctx, input: DeleteIPSetRequest) -> Result<DeleteIPSetResponse, AwsError> {
    let arn = super::resource(&ctx, &input.scope, &input.name, &input.id);
    ctx.write(move |tx| {
        let found = tx.get::<IpSet>(&arn).ok_or_else(error::nonexistent)?;
        super::check_lock(&found, &input.lock_token)?;
        let refers = |acl: &WebAcl| {
            let rules = acl.acl.rules.as_deref().unwrap_or_default();
            rules.iter().any(|rule| rule::refers_to(&rule.statement, &arn))
        };
        if tx.all::<WebAcl>().any(|acl| refers(&acl)) {
            return Err(error::associated());
        }
        tx.delete::<IpSet>(&arn);
        Ok(DeleteIPSetResponse {})
    })
    .await
}
