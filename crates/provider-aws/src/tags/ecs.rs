//! Tags of ECS's objects.

use std::collections::BTreeMap;

use neargate_api_types::ecs;

use super::{Changes, changes};
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::Failure;

/// The tags of a new object.
pub fn given(planned: &Attributes) -> Option<Vec<ecs::Tag>> {
    Some(of_map(planned.map("tags_all"))).filter(|tags| !tags.is_empty())
}

fn of_map(tags: BTreeMap<String, String>) -> Vec<ecs::Tag> {
    let tag = |(key, value)| ecs::Tag { key: Some(key), value: Some(value) };
    tags.into_iter().map(tag).collect()
}

/// Tags as they are kept.
pub fn found(tags: Option<Vec<ecs::Tag>>) -> BTreeMap<String, String> {
    let pair = |tag: ecs::Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    tags.unwrap_or_default().into_iter().map(pair).collect()
}

/// Changes the tags of the object with an ARN.
///
/// # Errors
/// ECS's.
pub async fn update(
    cloud: &Cloud,
    arn: &str,
    prior: &Attributes,
    planned: &Attributes,
) -> Result<(), Failure> {
    let Some(Changes { set, removed }) = changes(prior, planned) else { return Ok(()) };
    let resource_arn = arn.to_owned();
    if !removed.is_empty() {
        let input =
            ecs::UntagResourceRequest { resource_arn: resource_arn.clone(), tag_keys: removed };
        cloud.call::<ecs::UntagResource>(&input).await?;
    }
    if !set.is_empty() {
        let input = ecs::TagResourceRequest { resource_arn, tags: of_map(set) };
        cloud.call::<ecs::TagResource>(&input).await?;
    }
    Ok(())
}
