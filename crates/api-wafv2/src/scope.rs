//! Scopes: a region's resources, or CloudFront's, which are in `us-east-1`.

use neargate_api::{AwsError, Ctx};

use crate::error;

/// Refuses CloudFront's scope where it is not.
pub fn check(ctx: &Ctx, scope: &str) -> Result<(), AwsError> {
    match scope == "CLOUDFRONT" && ctx.region != "us-east-1" {
        true => Err(error::invalid("The scope is not valid.", "SCOPE_VALUE", scope)),
        false => Ok(()),
    }
}

/// The ARN of a resource.
pub fn arn(ctx: &Ctx, scope: &str, kind: &str, name: &str, id: &str) -> String {
    let place = if scope == "CLOUDFRONT" { "global" } else { "regional" };
    ctx.arn("wafv2", format!("{place}/{kind}/{name}/{id}"))
}
