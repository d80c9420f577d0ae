//! Tags of web ACLs and IP sets.

use neargate_api::model::wafv2::{IpSet, WebAcl};
use neargate_api::types::wafv2::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagInfoForResource,
    TagResourceRequest, TagResourceResponse, UntagResourceRequest, UntagResourceResponse,
};
use neargate_api::{AwsError, Ctx, Tags, check_tags};

use crate::error;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let given = given.unwrap_or_default().into_iter();
    checked(given.map(|tag| (tag.key, tag.value)).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(why) => Err(error::invalid(&why, "TAG_KEYS", "Tags")),
        None => Ok(tags),
    }
}

async fn change(
    ctx: &Ctx,
    arn: String,
    change: impl FnOnce(&mut Tags) + Send + 'static,
) -> Result<(), AwsError> {
    ctx.write(move |tx| {
        let tags = match tx.contains::<WebAcl>(&arn) {
            true => tx.update::<WebAcl>(&arn, |acl| change(&mut acl.tags)).map(|a| a.tags.clone()),
            false => tx.update::<IpSet>(&arn, |set| change(&mut set.tags)).map(|s| s.tags.clone()),
        };
        checked(tags.ok_or_else(error::nonexistent)?).map(|_| ())
    })
    .await
}

pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceResponse, AwsError> {
    let added = read(Some(input.tags))?;
    change(&ctx, input.resource_arn, move |tags| tags.extend(added)).await?;
    Ok(TagResourceResponse {})
}

pub async fn untag(
    ctx: Ctx,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, AwsError> {
    let keys = input.tag_keys;
    change(&ctx, input.resource_arn, move |tags| tags.retain(|key, _| !keys.contains(key))).await?;
    Ok(UntagResourceResponse {})
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, AwsError> {
    let (snapshot, arn) = (ctx.snapshot(), input.resource_arn);
    let of_acl = snapshot.get::<WebAcl>(&arn).map(|acl| acl.tags.clone());
    let tags = of_acl.or_else(|| snapshot.get::<IpSet>(&arn).map(|set| set.tags.clone()));
    let tags = tags.ok_or_else(error::nonexistent)?;
    let shown = tags.into_iter().map(|(key, value)| Tag { key, value });
    let info = TagInfoForResource { resource_arn: Some(arn), tag_list: Some(shown.collect()) };
    Ok(ListTagsForResourceResponse { next_marker: None, tag_info_for_resource: Some(info) })
}
