//! Pages as ECS has them: at most 100 ARNs, and its own error for a bad token.

use neargate_api::types::ecs::error;
use neargate_api::{AwsError, Page, page};

/// The page of `arns`, which come in order.
pub fn of(
    arns: impl IntoIterator<Item = String>,
    token: Option<&str>,
    max_results: Option<i32>,
) -> Result<Page<String>, AwsError> {
    let limit = match max_results {
        None => 100,
        Some(limit @ 1..=100) => limit as usize,
        Some(_) => {
            return Err(error::invalid_parameter_exception(
                "maxResults must be between 1 and 100.",
            ));
        }
    };
    page(arns, String::clone, token, limit).ok_or_else(|| {
        error::invalid_parameter_exception("Invalid token: take nextToken from the last answer.")
    })
}
