//! Tags of trails.

use neargate_api::model::cloudtrail::Trail;
use neargate_api::types::cloudtrail::{
    AddTagsRequest, AddTagsResponse, ListTagsRequest, ListTagsResponse, RemoveTagsRequest,
    RemoveTagsResponse, ResourceTag, Tag, error,
};
use neargate_api::{AwsError, Ctx, TAG_LIMIT, Tags, check_tags};

use crate::trail;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let given = given.unwrap_or_default().into_iter();
    checked(given.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(_) if tags.len() > TAG_LIMIT => Err(error::tags_limit_exceeded_exception(
            "The number of tags per trail, event data store, or channel has exceeded the permitted amount.",
        )),
        Some(why) => Err(error::invalid_tag_parameter_exception(why)),
        None => Ok(tags),
    }
}

/// Tags are by ARN only.
fn key(ctx: &Ctx, arn: &str) -> Result<String, AwsError> {
    match arn.starts_with("arn:") {
        true => trail::key(ctx, arn),
        false => Err(error::cloud_trail_arn_invalid_exception(format!(
            "The resource ID must be the ARN of a trail: {arn}"
        ))),
    }
}

fn missing(arn: &str) -> AwsError {
    error::resource_not_found_exception(format!("Unknown trail: {arn}"))
}

async fn change(
    ctx: &Ctx,
    arn: String,
    change: impl FnOnce(&mut Tags) + Send + 'static,
) -> Result<(), AwsError> {
    let key = key(ctx, &arn)?;
    ctx.write(move |tx| {
        let changed = tx.update::<Trail>(&key, |trail| change(&mut trail.tags));
        checked(changed.ok_or_else(|| missing(&arn))?.tags.clone()).map(|_| ())
    })
    .await
}

pub async fn add(ctx: Ctx, input: AddTagsRequest) -> Result<AddTagsResponse, AwsError> {
    let added = read(Some(input.tags_list))?;
    change(&ctx, input.resource_id, move |tags| tags.extend(added)).await?;
    Ok(AddTagsResponse {})
}

pub async fn remove(ctx: Ctx, input: RemoveTagsRequest) -> Result<RemoveTagsResponse, AwsError> {
    let removed = input.tags_list;
    let stays = move |key: &str, value: &str| {
        !removed.iter().any(|tag| {
            tag.key == key && tag.value.as_deref().is_none_or(|v| v.is_empty() || v == value)
        })
    };
    change(&ctx, input.resource_id, move |tags| tags.retain(|key, value| stays(key, value)))
        .await?;
    Ok(RemoveTagsResponse {})
}

pub async fn list(ctx: Ctx, input: ListTagsRequest) -> Result<ListTagsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let mut shown = Vec::new();
    for arn in input.resource_id_list {
        let trail = snapshot.get::<Trail>(&key(&ctx, &arn)?).ok_or_else(|| missing(&arn))?;
        let tags = trail.tags.iter();
        let tags = tags.map(|(key, value)| Tag { key: key.clone(), value: Some(value.clone()) });
        shown.push(ResourceTag { resource_id: Some(arn), tags_list: Some(tags.collect()) });
    }
    Ok(ListTagsResponse { next_token: None, resource_tag_list: Some(shown) })
}
