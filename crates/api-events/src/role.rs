//! Whoever gives EventBridge a role must be allowed to pass it on.

use neargate_api::{AwsError, Ctx, Question};

use crate::PRINCIPAL;

/// Refuses unless the caller may pass the role to EventBridge.
pub fn check(ctx: &Ctx, role_arn: &str) -> Result<(), AwsError> {
    let passed_to = [("iam:PassedToService", PRINCIPAL.to_owned())];
    let question = Question::new("iam:PassRole", role_arn, &ctx.region, ctx.now);
    ctx.authorize_with(&Question { context: &passed_to, ..question })
}
