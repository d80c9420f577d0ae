//! Tags of load balancers and of what belongs to them: they are asked for by calls of
//! their own.

use std::collections::BTreeMap;

use neargate_api_types::elbv2;

use super::{Changes, changes};
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::Failure;

/// The tags of a new object.
pub fn given(planned: &Attributes) -> Option<Vec<elbv2::Tag>> {
    Some(of_map(planned.map("tags_all"))).filter(|tags| !tags.is_empty())
}

fn of_map(tags: BTreeMap<String, String>) -> Vec<elbv2::Tag> {
    tags.into_iter().map(|(key, value)| elbv2::Tag { key, value: Some(value) }).collect()
}

/// The tags that the object with an ARN has.
///
/// # Errors
/// The service's.
pub async fn of(cloud: &Cloud, arn: &str) -> Result<BTreeMap<String, String>, Failure> {
    let input = elbv2::DescribeTagsInput { resource_arns: vec![arn.to_owned()] };
    let described = cloud.call::<elbv2::DescribeTags>(&input).await?.tag_descriptions;
    let tags = described.unwrap_or_default().into_iter().filter_map(|object| object.tags).flatten();
    Ok(tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}

/// Changes the tags of the object with an ARN.
///
/// # Errors
/// The service's.
pub async fn update(
    cloud: &Cloud,
    arn: &str,
    prior: &Attributes,
    planned: &Attributes,
) -> Result<(), Failure> {
    let Some(Changes { set, removed }) = changes(prior, planned) else { return Ok(()) };
    let resource_arns = vec![arn.to_owned()];
    if !removed.is_empty() {
        let input =
            elbv2::RemoveTagsInput { resource_arns: resource_arns.clone(), tag_keys: removed };
        cloud.call::<elbv2::RemoveTags>(&input).await?;
    }
    if !set.is_empty() {
        let input = elbv2::AddTagsInput { resource_arns, tags: of_map(set) };
        cloud.call::<elbv2::AddTags>(&input).await?;
    }
    Ok(())
}
