//! Tags of roles and policies.

use neargate_api::types::iam::{Tag, error};
use neargate_api::{AwsError, TAG_LIMIT, Tags, check_tags};

/// Tags as they were given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let mut tags = Tags::new();
    for Tag { key, value } in given.unwrap_or_default() {
        if tags.insert(key, value).is_some() {
            return Err(error::invalid_input_exception(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
    }
    check(&tags)?;
    Ok(tags)
}

/// `new` over `old`, if the whole is allowed.
pub fn merged(old: &Tags, new: Tags) -> Result<Tags, AwsError> {
    let mut all = old.clone();
    all.extend(new);
    check(&all)?;
    Ok(all)
}

fn check(tags: &Tags) -> Result<(), AwsError> {
    if tags.len() > TAG_LIMIT {
        return Err(error::limit_exceeded_exception(format!(
            "Cannot exceed quota for TagsPerResource: {TAG_LIMIT}"
        )));
    }
    check_tags(tags).map_or(Ok(()), |why| Err(error::invalid_input_exception(why)))
}

pub fn shown(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// As [`shown`], and nothing where there are none.
pub fn shown_if_any(tags: &Tags) -> Option<Vec<Tag>> {
    Some(shown(tags)).filter(|tags| !tags.is_empty())
}
