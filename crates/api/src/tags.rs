//! Tags, which every service has and each spells in its own shapes.

pub use neargate_model::Tags;

/// Tags that one resource can have.
pub const TAG_LIMIT: usize = 50;

/// Why `tags` are not allowed on a resource, in AWS's words; `None` when they are.
/// Source: "Tag naming limits and requirements" in the AWS tagging guide.
pub fn check_tags(tags: &Tags) -> Option<String> {
    if tags.len() > TAG_LIMIT {
        return Some(format!(
            "The number of tags exceeds the limit of {TAG_LIMIT} tags per resource."
        ));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 {
            return Some(format!("The tag key '{key}' must have 1 to 128 characters."));
        }
        if value.chars().count() > 256 {
            return Some(format!("The value of the tag '{key}' must have at most 256 characters."));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Some(format!(
                "The tag key '{key}' is reserved: system tags cannot be set by users."
            ));
        }
    }
    None
}
