//! Pages as IAM has them: `Marker`, `MaxItems` (100 unless told), `IsTruncated`.

use neargate_api::{AwsError, page};

/// One page of a listing.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub is_truncated: Option<bool>,
    pub marker: Option<String>,
}

/// The page of `items`, which come in the order of `key`.
pub fn of<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    marker: Option<&str>,
    max_items: Option<i32>,
) -> Result<Listed<T>, AwsError> {
    let limit = max_items.and_then(|n| usize::try_from(n).ok()).unwrap_or(100);
    let page = page(items, key, marker, limit).ok_or_else(|| {
        AwsError::new(400, "ValidationError", "Invalid Marker: take Marker from the last answer.")
    })?;
    Ok(Listed {
        items: page.items,
        is_truncated: Some(page.next_token.is_some()),
        marker: page.next_token,
    })
}
