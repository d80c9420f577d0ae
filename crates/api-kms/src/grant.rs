//! Grants: leave to use a key for a principal, beside the key's policy. `access` asks them.

pub mod create;
pub mod list;
pub mod retire;
pub mod revoke;

use neargate_api::AwsError;
use neargate_api::types::kms::error;

fn not_found(id: &str) -> AwsError {
    error::not_found_exception(format!("Grant ID {id} not found"))
}

/// What a request that must not act answers when it could have.
pub fn dry_run(given: Option<bool>) -> Result<(), AwsError> {
    match given {
        Some(true) => Err(error::dry_run_operation_exception(
            "The request would have succeeded, but the DryRun option is set.",
        )),
        _ => Ok(()),
    }
}
