//! Entries of `failures`, in which ECS names what a batch did not find.

use neargate_api::types::ecs::Failure;

/// What is not there.
pub fn missing(arn: String) -> Failure {
    Failure { arn: Some(arn), reason: Some("MISSING".into()), detail: None }
}

/// Why a task was not placed: there is no ARN yet.
pub fn unplaced(reason: &str) -> Failure {
    Failure { arn: None, reason: Some(reason.into()), detail: None }
}
