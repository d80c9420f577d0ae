//! Tags: how they come with a creation, and the calls that change them later.

pub mod create;
pub mod delete;
pub mod describe;

use neargate_api::model::ec2::{Tagging, key, tags_of};
use neargate_api::types::ec2::{Tag, TagSpecification};
use neargate_api::{AwsError, Snapshot, TAG_LIMIT, Tags, Tx};

use crate::error;

/// The tags for a new resource of this type.
pub fn for_creation(
    specifications: Option<Vec<TagSpecification>>,
    resource_type: &str,
) -> Result<Tags, AwsError> {
    let mut tags = Vec::new();
    for specification in specifications.unwrap_or_default() {
        let given = specification.resource_type.unwrap_or_default();
        if given != resource_type {
            return Err(error::invalid(format!(
                "'{given}' is not a valid taggable resource type for this operation."
            )));
        }
        tags.extend(specification.tags.unwrap_or_default());
    }
    read(tags)
}

/// Checked tags out of their wire form.
pub fn read(given: Vec<Tag>) -> Result<Tags, AwsError> {
    let mut tags = Tags::new();
    for tag in given {
        let (key, value) = (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
        if key.is_empty() || key.chars().count() > 127 {
            return Err(error::invalid("Tag keys must be between 1 and 127 characters in length"));
        }
        if value.chars().count() > 255 {
            return Err(error::invalid("Tag value exceeds the maximum length of 255 characters"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(error::invalid(
                "Tag keys starting with 'aws:' are reserved for internal use",
            ));
        }
        if tags.insert(key.clone(), value).is_some() {
            return Err(error::invalid(format!("Duplicate tag key '{key}' specified.")));
        }
    }
    within_limit(&tags)?;
    Ok(tags)
}

/// Refuses more tags than a resource can have.
fn within_limit(tags: &Tags) -> Result<(), AwsError> {
    match tags.len() > TAG_LIMIT {
        true => Err(error::of(
            "TagLimitExceeded",
            "The maximum number of Tags for a resource has been reached.",
        )),
        false => Ok(()),
    }
}

/// Gives a new resource its tags.
pub fn store(tx: &mut Tx, region: &str, id: &str, resource_type: &str, tags: Tags) {
    if !tags.is_empty() {
        tx.put(Tagging {
            region: region.into(),
            resource_id: id.into(),
            resource_type: resource_type.into(),
            tags,
        });
    }
}

/// Takes a resource and its tags away.
pub fn forget(tx: &mut Tx, region: &str, id: &str) {
    tx.delete::<Tagging>(&key(region, id));
}

/// The tags of a resource, as the wire has them.
pub fn shown(snapshot: &Snapshot, region: &str, id: &str) -> Option<Vec<Tag>> {
    let tags = tags_of(snapshot, region, id);
    Some(tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect())
}
