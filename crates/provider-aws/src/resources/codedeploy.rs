//! What CodeDeploy's resources have in common: their tags.

use std::collections::BTreeMap;

use neargate_api_types::codedeploy::{self as api, Tag};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::Failure;
use crate::tags;

/// The tags of a new object.
pub fn new_tags(planned: &Attributes) -> Option<Vec<Tag>> {
    Some(list(planned.map("tags_all"))).filter(|tags| !tags.is_empty())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect()
}

/// Sets `tags` and `tags_all` by what the object with its `arn` has.
///
/// # Errors
/// CodeDeploy's.
pub async fn read_tags(cloud: &Cloud, known: &mut Attributes) -> Result<(), Failure> {
    let input =
        api::ListTagsForResourceInput { resource_arn: known.required("arn"), ..Default::default() };
    let listed = cloud.call::<api::ListTagsForResource>(&input).await?.tags.unwrap_or_default();
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    tags::set(known, cloud, listed.into_iter().map(pair).collect());
    Ok(())
}

/// Changes them.
///
/// # Errors
/// CodeDeploy's.
pub async fn update_tags(
    cloud: &Cloud,
    prior: &Attributes,
    planned: &Attributes,
) -> Result<(), Failure> {
    let Some(tags::Changes { set, removed }) = tags::changes(prior, planned) else { return Ok(()) };
    let resource_arn = prior.required("arn");
    if !removed.is_empty() {
        let input =
            api::UntagResourceInput { resource_arn: resource_arn.clone(), tag_keys: removed };
        cloud.call::<api::UntagResource>(&input).await?;
    }
    if !set.is_empty() {
        let input = api::TagResourceInput { resource_arn, tags: list(set) };
        cloud.call::<api::TagResource>(&input).await?;
    }
    Ok(())
}
