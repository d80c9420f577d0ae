//! The filters of ListSecrets and BatchGetSecretValue. Filters are joined by AND, the
//! values of one by OR; a value that begins with `!` is what must not be.
//! Source: the `Filter` type in the API reference, and "Find secrets" in the guide.

use neargate_api::AwsError;
use neargate_api::model::secretsmanager::Secret;
use neargate_api::types::secretsmanager::{Filter, error};

/// Whether a secret passes all filters.
pub fn passes(secret: &Secret, filters: &[Filter]) -> bool {
    filters.iter().all(|filter| passes_one(secret, filter))
}

/// Refuses a filter without key or values.
pub fn check(filters: &[Filter]) -> Result<(), AwsError> {
    for filter in filters {
        if filter.key.is_none() {
            return Err(error::invalid_parameter_exception("Invalid filter key"));
        }
        if filter.values.as_ref().is_none_or(Vec::is_empty) {
            return Err(error::invalid_parameter_exception(format!(
                "Invalid filter values for key: {}",
                filter.key.as_deref().unwrap_or_default()
            )));
        }
    }
    Ok(())
}

fn passes_one(secret: &Secret, filter: &Filter) -> bool {
    let key = filter.key.as_deref().unwrap_or_default();
    filter.values.iter().flatten().any(|value| match value.strip_prefix('!') {
        Some(unwanted) => !has(secret, key, unwanted),
        None => has(secret, key, value),
    })
}

fn has(secret: &Secret, key: &str, value: &str) -> bool {
    match key {
        "name" => secret.name.starts_with(value),
        "description" => secret.description.as_deref().is_some_and(|d| contains(d, value)),
        "tag-key" => secret.tags.keys().any(|key| key.starts_with(value)),
        "tag-value" => secret.tags.values().any(|tag| tag.starts_with(value)),
        "owning-service" => secret.owning_service.as_deref().is_some_and(|s| s.starts_with(value)),
        "primary-region" => secret.region.starts_with(value),
        _ => has_anywhere(secret, value),
    }
}

/// `all`: each word of the value somewhere, whatever its case.
fn has_anywhere(secret: &Secret, value: &str) -> bool {
    let tags = secret.tags.iter().flat_map(|(key, value)| [key.as_str(), value]);
    let texts: Vec<&str> = [secret.name.as_str()]
        .into_iter()
        .chain(secret.description.as_deref())
        .chain(tags)
        .collect();
    value.split_whitespace().all(|word| texts.iter().any(|text| contains(text, word)))
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
