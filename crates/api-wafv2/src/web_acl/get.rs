//! GetWebACL: by name, id and scope, or by ARN.

use neargate_api::model::wafv2::WebAcl;
use neargate_api::types::wafv2::{GetWebACLRequest, GetWebACLResponse};
use neargate_api::{AwsError, Ctx};

use crate::error;

pub async fn call(ctx: Ctx, input: GetWebACLRequest) -> Result<GetWebACLResponse, AwsError> {
    let arn = match (input.arn, input.scope, input.name, input.id) {
        (Some(arn), ..) => arn,
        (None, Some(scope), Some(name), Some(id)) => super::resource(&ctx, &scope, &name, &id),
        _ => {
            return Err(error::invalid(
                "You must give the ARN, or Name, Id and Scope.",
                "WEB_ACL",
                "ARN",
            ));
        }
    };
    let found = ctx.snapshot().get::<WebAcl>(&arn).ok_or_else(error::nonexistent)?;
    Ok(GetWebACLResponse {
        application_integration_url: None,
        lock_token: Some(found.lock_token.clone()),
        web_acl: Some(found.acl.0.clone()),
    })
}
