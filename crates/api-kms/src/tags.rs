//! Tags of keys, and the three operations on them.

use neargate_api::types::kms::{
    ListResourceTagsRequest, ListResourceTagsResponse, Tag, TagResourceOutput, TagResourceRequest,
    UntagResourceOutput, UntagResourceRequest, error,
};
use neargate_api::{AwsError, Ctx, TAG_LIMIT, Tags, check_tags, page};

use crate::key;

const PAGE: usize = 50;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    checked(given.unwrap_or_default().into_iter().map(|t| (t.tag_key, t.tag_value)).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(why) if tags.len() > TAG_LIMIT => Err(error::limit_exceeded_exception(why)),
        Some(why) => Err(error::tag_exception(why)),
        None => Ok(tags),
    }
}

pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceOutput, AwsError> {
    let added = read(Some(input.tags))?;
    let found = key::customers(&ctx, &input.key_id, "kms:TagResource")?;
    key::change(&ctx, &found, move |key| {
        key.tags.extend(added);
        key.tags = checked(std::mem::take(&mut key.tags))?;
        Ok(())
    })
    .await?;
    Ok(TagResourceOutput {})
}

pub async fn untag(ctx: Ctx, input: UntagResourceRequest) -> Result<UntagResourceOutput, AwsError> {
    let found = key::customers(&ctx, &input.key_id, "kms:UntagResource")?;
    key::change(&ctx, &found, move |key| {
        key.tags.retain(|name, _| !input.tag_keys.contains(name));
        Ok(())
    })
    .await?;
    Ok(UntagResourceOutput {})
}

pub async fn list(
    ctx: Ctx,
    input: ListResourceTagsRequest,
) -> Result<ListResourceTagsResponse, AwsError> {
    let key = key::permitted(&ctx, &input.key_id, "kms:ListResourceTags")?;
    let limit = input.limit.map_or(PAGE, |n| n as usize);
    let page = page(key.tags.iter(), |(name, _)| (*name).clone(), input.marker.as_deref(), limit)
        .ok_or_else(|| error::invalid_marker_exception("The marker is not valid."))?;
    let shown = |(k, v): (&String, &String)| Tag { tag_key: k.clone(), tag_value: v.clone() };
    Ok(ListResourceTagsResponse {
        tags: Some(page.items.into_iter().map(shown).collect()),
        truncated: Some(page.next_token.is_some()),
        next_marker: page.next_token,
    })
}
