//! What RDS's resources have in common: their tags.

use std::collections::BTreeMap;

use neargate_api_types::rds::{self as api, Tag};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::Failure;
use crate::tags::{self, Changes};

/// The tags of a new object.
pub fn new_tags(planned: &Attributes) -> Option<Vec<Tag>> {
    Some(list(planned.map("tags_all"))).filter(|tags| !tags.is_empty())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect()
}

/// Sets `tags` and `tags_all` by what the object has.
pub fn set_tags(known: &mut Attributes, cloud: &Cloud, tags: Option<Vec<Tag>>) {
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    tags::set(known, cloud, tags.unwrap_or_default().into_iter().map(pair).collect());
}

/// Asks for them.
///
/// # Errors
/// RDS's.
pub async fn read_tags(cloud: &Cloud, known: &mut Attributes) -> Result<(), Failure> {
    let input = api::ListTagsForResourceMessage {
        resource_name: known.required("arn"),
        ..Default::default()
    };
    let listed = cloud.call::<api::ListTagsForResource>(&input).await?;
    set_tags(known, cloud, listed.tag_list);
    Ok(())
}

/// Changes them.
///
/// # Errors
/// RDS's.
pub async fn update_tags(
    cloud: &Cloud,
    prior: &Attributes,
    planned: &Attributes,
) -> Result<(), Failure> {
    let Some(Changes { set, removed }) = tags::changes(prior, planned) else { return Ok(()) };
    let resource_name = prior.required("arn");
    if !removed.is_empty() {
        let input = api::RemoveTagsFromResourceMessage {
            resource_name: resource_name.clone(),
            tag_keys: removed,
        };
        cloud.call::<api::RemoveTagsFromResource>(&input).await?;
    }
    if !set.is_empty() {
        let input = api::AddTagsToResourceMessage { resource_name, tags: list(set) };
        cloud.call::<api::AddTagsToResource>(&input).await?;
    }
    Ok(())
}
