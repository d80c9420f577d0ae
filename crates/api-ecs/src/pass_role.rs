//! Whoever gives a role to a task must be allowed to pass it to ECS's tasks.

use neargate_api::{AwsError, Ctx, Question};

/// Refuses unless the caller may pass the role to `ecs-tasks.amazonaws.com`.
pub fn check(ctx: &Ctx, role_arn: &str) -> Result<(), AwsError> {
    let passed_to = [("iam:PassedToService", "ecs-tasks.amazonaws.com".to_owned())];
    let question = Question::new("iam:PassRole", role_arn, &ctx.region, ctx.now);
    ctx.authorize_with(&Question { context: &passed_to, ..question })
}
