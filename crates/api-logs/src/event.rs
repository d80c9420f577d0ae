//! Log events: in, out, and searched.

mod batch;
pub mod filter;
pub mod get;
pub mod put;

use neargate_api::AwsError;
use neargate_api::types::logs::error;
use neargate_loglines::LogError;

/// AWS's error for what the lines could not do.
pub fn failed(failure: LogError) -> AwsError {
    match failure {
        LogError::InvalidToken => error::invalid_parameter_exception(failure.to_string()),
        LogError::Write(_) | LogError::Read(_) | LogError::Closed => {
            error::service_unavailable_exception(failure.to_string())
        }
    }
}

/// What a page may hold. AWS takes 1 to 10,000, which the model has checked.
fn limit(asked: Option<i32>) -> Option<usize> {
    asked.and_then(|limit| usize::try_from(limit).ok())
}
