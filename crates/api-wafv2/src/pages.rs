//! Pages of WAFv2's lists.

use neargate_api::{AwsError, Page, page};

use crate::error;

/// One page of what is listed by name.
pub fn paged<T>(
    items: Vec<T>,
    key: impl Fn(&T) -> String,
    marker: Option<&str>,
    limit: Option<i32>,
) -> Result<Page<T>, AwsError> {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    page(items, key, marker, limit)
        .ok_or_else(|| error::invalid("The marker is not valid.", "NEXT_MARKER", "NextMarker"))
}
