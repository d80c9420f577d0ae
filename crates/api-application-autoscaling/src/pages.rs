//! Pages as Application Auto Scaling has them: at most 50 items, and its own errors.

use neargate_api::types::application_autoscaling::error;
use neargate_api::{AwsError, Page, page};

/// The page of `items`, which come in the order of their keys.
pub fn of<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    token: Option<&str>,
    max_results: Option<i32>,
) -> Result<Page<T>, AwsError> {
    let limit = match max_results {
        None => 50,
        Some(limit @ 1..=50) => limit as usize,
        Some(_) => {
            return Err(error::validation_exception("MaxResults must be between 1 and 50."));
        }
    };
    page(items, key, token, limit)
        .ok_or_else(|| error::invalid_next_token_exception("The next token supplied was invalid."))
}
