//! A role's own policies.

pub mod delete;
pub mod get;
pub mod list;
pub mod put;

use neargate_api::AwsError;
use neargate_api::types::iam::error;

fn not_found(name: &str) -> AwsError {
    error::no_such_entity_exception(format!("The role policy with name {name} cannot be found."))
}
