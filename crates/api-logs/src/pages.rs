//! Pages as CloudWatch Logs has them: at most 50, and its own error for a bad token.

use neargate_api::types::logs::error;
use neargate_api::{AwsError, Page, page};

/// The page of `items`, which come in the order of `key`.
pub fn of<T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> String,
    token: Option<&str>,
    limit: Option<i32>,
) -> Result<Page<T>, AwsError> {
    let limit = usize::try_from(limit.unwrap_or(50)).unwrap_or(50);
    page(items, key, token, limit)
        .ok_or_else(|| error::invalid_parameter_exception("The specified nextToken is invalid."))
}

/// A key that sorts the other way round than `key` does.
pub fn descending(key: &str) -> String {
    let reversed: Vec<u8> = key.bytes().chain([0]).map(|byte| !byte).collect();
    hex::encode(reversed)
}

#[cfg(test)]
mod tests {
    use super::descending;

    #[test]
    fn descending_keys_sort_backward() {
        let mut names = ["a", "ab", "", "b", "a-1"];
        names.sort_by_key(|name| descending(name));
        assert_eq!(names, ["b", "ab", "a-1", "a", ""]);
    }
}
