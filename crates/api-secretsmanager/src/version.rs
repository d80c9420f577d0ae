//! A version of a secret.

pub mod list;
pub mod move_stage;

use neargate_api::model::secretsmanager::{Value, Version};
use neargate_api::types::secretsmanager::error;
use neargate_api::{AwsError, Ctx};

/// A version that is about to be added.
pub fn new(ctx: &Ctx, id: &str, value: Value, stages: &[&str]) -> Version {
    Version {
        id: id.to_owned(),
        created: ctx.now,
        accessed: None,
        stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
        value,
    }
}

/// The token of another value's request.
pub fn not_modified() -> AwsError {
    error::resource_exists_exception(
        "You can't modify an existing version, you can only create a new version.",
    )
}
