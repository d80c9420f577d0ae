//! Pages as EventBridge has them: at most a hundred items.

use neargate_api::{AwsError, Page, page};

use crate::invalid;

/// The page of `items`, which come in the order of their keys. The model bounds the limit.
pub fn of<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    token: Option<&str>,
    limit: Option<i32>,
) -> Result<Page<T>, AwsError> {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    page(items, key, token, limit).ok_or_else(|| invalid("Parameter NextToken is not valid."))
}
