//! Pages as CodeDeploy has them: 100 items each.

use neargate_api::types::codedeploy::error;
use neargate_api::{AwsError, Page, page};

const LIMIT: usize = 100;

/// The page of `items`, which come in the order of their keys.
pub fn of<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    token: Option<&str>,
) -> Result<Page<T>, AwsError> {
    page(items, key, token, LIMIT)
        .ok_or_else(|| error::invalid_next_token_exception("The next token is invalid."))
}
