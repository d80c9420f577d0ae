//! Pages of a listing: `Marker` and `MaxRecords`, 20 to 100.

use neargate_api::{AwsError, page};

use crate::error;

/// Cuts the page out of `items`, which come in the order of their keys.
pub fn cut<T>(
    items: Vec<T>,
    key: impl Fn(&T) -> String,
    marker: Option<&str>,
    max_records: Option<i32>,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let limit = max_records.unwrap_or(100);
    if !(20..=100).contains(&limit) {
        return Err(error::invalid_value(format!(
            "Invalid value {limit} for MaxRecords. Must be between 20 and 100"
        )));
    }
    let limit = usize::try_from(limit).unwrap_or(100);
    let page = page(items, key, marker.filter(|marker| !marker.is_empty()), limit)
        .ok_or_else(|| error::invalid_value("Invalid marker: it is not one of this operation."))?;
    Ok((page.items, page.next_token))
}
