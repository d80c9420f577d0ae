//! Tags of log groups, by ARN and, as it was before, by the group's name.

use neargate_api::model::logs::LogGroup;
use neargate_api::types::logs::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, ListTagsLogGroupRequest,
    ListTagsLogGroupResponse, TagLogGroupOutput, TagLogGroupRequest, TagResourceOutput,
    TagResourceRequest, UntagLogGroupOutput, UntagLogGroupRequest, UntagResourceOutput,
    UntagResourceRequest, error,
};
use neargate_api::{AwsError, Ctx, TAG_LIMIT, Tags, check_tags};

use crate::group;

/// Tags as given, checked.
pub fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(why) if tags.len() > TAG_LIMIT => Err(error::too_many_tags_exception(why)),
        Some(why) => Err(error::invalid_parameter_exception(why)),
        None => Ok(tags),
    }
}

/// Only log groups have tags here.
fn group_in(arn: &str) -> Result<&str, AwsError> {
    if !arn.starts_with("arn:") {
        return Err(error::invalid_parameter_exception(format!("Invalid resource ARN: {arn}")));
    }
    if !arn.contains(":log-group:") {
        return Err(error::resource_not_found_exception("The specified resource does not exist."));
    }
    Ok(group::name_in(arn))
}

async fn add(ctx: &Ctx, name: &str, tags: Tags) -> Result<(), AwsError> {
    checked(tags.clone())?;
    let key = LogGroup::key_of(&ctx.region, name);
    ctx.write(move |tx| {
        let group = tx
            .update::<LogGroup>(&key, |group| group.tags.extend(tags))
            .ok_or_else(group::not_found)?;
        checked(group.tags.clone()).map(|_| ())
    })
    .await
}

async fn remove(ctx: &Ctx, name: &str, keys: Vec<String>) -> Result<(), AwsError> {
    group::change(ctx, name, move |group| group.tags.retain(|key, _| !keys.contains(key))).await
}

pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceOutput, AwsError> {
    add(&ctx, group_in(&input.resource_arn)?, input.tags).await?;
    Ok(TagResourceOutput {})
}

pub async fn untag(ctx: Ctx, input: UntagResourceRequest) -> Result<UntagResourceOutput, AwsError> {
    remove(&ctx, group_in(&input.resource_arn)?, input.tag_keys).await?;
    Ok(UntagResourceOutput {})
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, AwsError> {
    let group = group::find(&ctx, &ctx.snapshot(), group_in(&input.resource_arn)?)?;
    Ok(ListTagsForResourceResponse { tags: Some(group.tags.clone()) })
}

pub async fn tag_group(ctx: Ctx, input: TagLogGroupRequest) -> Result<TagLogGroupOutput, AwsError> {
    add(&ctx, &input.log_group_name, input.tags).await?;
    Ok(TagLogGroupOutput {})
}

pub async fn untag_group(
    ctx: Ctx,
    input: UntagLogGroupRequest,
) -> Result<UntagLogGroupOutput, AwsError> {
    remove(&ctx, &input.log_group_name, input.tags).await?;
    Ok(UntagLogGroupOutput {})
}

pub async fn list_group(
    ctx: Ctx,
    input: ListTagsLogGroupRequest,
) -> Result<ListTagsLogGroupResponse, AwsError> {
    let group = group::find(&ctx, &ctx.snapshot(), &input.log_group_name)?;
    Ok(ListTagsLogGroupResponse { tags: Some(group.tags.clone()) })
}
