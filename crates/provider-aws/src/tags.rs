//! Tags: those of the resource, with the provider's default tags below them. What AWS
//! itself has set (`aws:…`) is nobody's.

pub mod ecs;
pub mod elbv2;

use std::collections::BTreeMap;

use neargate_api_types::ec2;
use serde_json::{Map, Value as Json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::Failure;

/// The tag of an object of which the state does not know yet: `recover`. It is nobody's either.
pub const MARK: &str = "neargate:intent";

/// What an object has of `tags` and `tags_all`, from what AWS says that it has. A tag that equals a
/// default one counts as the default's, unless the configuration has it too.
pub fn set(attributes: &mut Attributes, cloud: &Cloud, tags: BTreeMap<String, String>) {
    let all: Map<String, Json> = tags
        .into_iter()
        .filter(|(key, _)| !key.starts_with("aws:") && key != MARK)
        .map(|(key, value)| (key, Json::from(value)))
        .collect();
    let given = attributes.map("tags");
    let is_own = |key: &str, value: &Json| {
        given.contains_key(key)
            || cloud.default_tags.get(key).is_none_or(|default| *value != default.as_str())
    };
    let own: Map<String, Json> = all
        .iter()
        .filter(|(key, value)| is_own(key, value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let was_null = attributes.get("tags").is_null();
    let tags = if own.is_empty() && was_null { Json::Null } else { Json::Object(own) };
    attributes.set("tags", tags);
    attributes.set("tags_all", Json::Object(all));
}

/// What has to be set and what removed to come from one to the other.
pub struct Changes {
    pub set: BTreeMap<String, String>,
    pub removed: Vec<String>,
}

/// Nothing, where nothing changes.
pub fn changes(prior: &Attributes, planned: &Attributes) -> Option<Changes> {
    let (before, after) = (prior.map("tags_all"), planned.map("tags_all"));
    let removed = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
    let set = after.into_iter().filter(|(key, value)| before.get(key) != Some(value)).collect();
    Some(Changes { set, removed }).filter(|c: &Changes| !c.set.is_empty() || !c.removed.is_empty())
}

/// The tags of a new object of EC2.
pub fn specifications(kind: &str, planned: &Attributes) -> Option<Vec<ec2::TagSpecification>> {
    let tags = of_map(planned.map("tags_all"));
    let resource_type = Some(kind.to_owned());
    (!tags.is_empty()).then(|| vec![ec2::TagSpecification { resource_type, tags: Some(tags) }])
}

fn of_map(tags: BTreeMap<String, String>) -> Vec<ec2::Tag> {
    let tag = |(key, value)| ec2::Tag { key: Some(key), value: Some(value) };
    tags.into_iter().map(tag).collect()
}

/// Tags of EC2 as they are kept.
pub fn of_ec2(tags: Option<Vec<ec2::Tag>>) -> BTreeMap<String, String> {
    let pair = |tag: ec2::Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    tags.unwrap_or_default().into_iter().map(pair).collect()
}

/// Changes the tags of an object of EC2.
///
/// # Errors
/// EC2's.
pub async fn update_ec2(
    cloud: &Cloud,
    id: &str,
    prior: &Attributes,
    planned: &Attributes,
) -> Result<(), Failure> {
    let Some(Changes { set, removed }) = changes(prior, planned) else { return Ok(()) };
    let resources = vec![id.to_owned()];
    if !removed.is_empty() {
        let tags = removed.into_iter().map(|key| ec2::Tag { key: Some(key), value: None });
        let tags = Some(tags.collect());
        let input =
            ec2::DeleteTagsRequest { resources: resources.clone(), tags, ..Default::default() };
        cloud.call::<ec2::DeleteTags>(&input).await?;
    }
    if !set.is_empty() {
        let input = ec2::CreateTagsRequest { resources, tags: of_map(set), ..Default::default() };
        cloud.call::<ec2::CreateTags>(&input).await?;
    }
    Ok(())
}
