//! Whether somebody may do something in a repository: their policies and the repository's.

use neargate_api::model::ecr::Repository;
use neargate_api::{AwsError, Ctx, Question};

/// Refuses unless the caller of `ctx` may do `action` in the repository.
pub fn check(ctx: &Ctx, action: &str, repository: &Repository) -> Result<(), AwsError> {
    ctx.authorize_with(&Question {
        resource_policy: repository.policy.as_deref(),
        ..Question::new(action, &repository.arn, &ctx.region, ctx.now)
    })
}
