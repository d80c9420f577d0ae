//! Pages of the Describe operations: a marker, and up to 400 items.

use neargate_api::{AwsError, Page, page};

use crate::invalid;

const MOST: usize = 400;

/// The page after `marker`.
pub fn cut<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    marker: Option<String>,
    page_size: Option<i32>,
) -> Result<Page<T>, AwsError> {
    let limit = page_size.and_then(|size| usize::try_from(size).ok()).unwrap_or(MOST);
    page(items, key, marker.as_deref(), limit)
        .ok_or_else(|| invalid("The marker is invalid. Use the one of the previous answer."))
}
