//! Tags of topics.

use neargate_api::model::sns::Topic;
use neargate_api::types::sns::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest,
    TagResourceResponse, UntagResourceRequest, UntagResourceResponse, error,
};
use neargate_api::{AwsError, Ctx, TAG_LIMIT, Tags, check_tags};

use crate::invalid;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    checked(given.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(_) if tags.len() > TAG_LIMIT => Err(error::tag_limit_exceeded_exception(
            "Could not complete request: tag quota of per resource exceeded",
        )),
        Some(why) => Err(invalid(why)),
        None => Ok(tags),
    }
}

fn missing() -> AwsError {
    error::resource_not_found_exception("Resource does not exist")
}

async fn change(
    ctx: &Ctx,
    arn: String,
    change: impl FnOnce(&mut Tags) + Send + 'static,
) -> Result<(), AwsError> {
    ctx.write(move |tx| {
        let changed = tx.update::<Topic>(&arn, |topic| change(&mut topic.tags));
        checked(changed.ok_or_else(missing)?.tags.clone()).map(|_| ())
    })
    .await
}

pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceResponse, AwsError> {
    let added = input.tags.into_iter().map(|tag| (tag.key, tag.value));
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
    let topic = ctx.snapshot().get::<Topic>(&input.resource_arn).ok_or_else(missing)?;
    let shown = topic.tags.iter().map(|(k, v)| Tag { key: k.clone(), value: v.clone() });
    Ok(ListTagsForResourceResponse { tags: Some(shown.collect()) })
}
