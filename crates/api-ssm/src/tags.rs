//! Tags of parameters, and the three operations on them.

use neargate_api::model::ssm::Parameter;
use neargate_api::types::ssm::{
    AddTagsToResourceRequest, AddTagsToResourceResult, ListTagsForResourceRequest,
    ListTagsForResourceResult, RemoveTagsFromResourceRequest, RemoveTagsFromResourceResult, Tag,
    error,
};
use neargate_api::{AwsError, Ctx, TAG_LIMIT, Tags, check_tags};

use crate::parameter;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    checked(given.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(why) if tags.len() > TAG_LIMIT => Err(error::too_many_tags_error(why)),
        Some(why) => Err(AwsError::new(400, "ValidationException", why)),
        None => Ok(tags),
    }
}

/// The key of the parameter that tags are of: this Neargate has no other resources here.
fn key(ctx: &Ctx, kind: &str, id: &str) -> Result<String, AwsError> {
    if kind != "Parameter" {
        return Err(error::invalid_resource_type(format!(
            "{kind}: this Neargate has tags for the resource type Parameter only."
        )));
    }
    let found = parameter::find(ctx, id).ok_or_else(|| {
        error::invalid_resource_id(format!("The resource ID {id} is not that of a parameter."))
    })?;
    Ok(Parameter::key_of(&found.region, &found.name))
}

async fn change(
    ctx: &Ctx,
    key: String,
    change: impl FnOnce(&mut Tags) -> Result<(), AwsError> + Send + 'static,
) -> Result<(), AwsError> {
    ctx.write(move |tx| {
        let found = tx.get::<Parameter>(&key);
        let found = found.ok_or_else(|| error::invalid_resource_id("The parameter is gone."))?;
        let mut parameter = Parameter::clone(&found);
        change(&mut parameter.tags)?;
        tx.put(parameter);
        Ok(())
    })
    .await
}

pub async fn add(
    ctx: Ctx,
    input: AddTagsToResourceRequest,
) -> Result<AddTagsToResourceResult, AwsError> {
    let key = key(&ctx, &input.resource_type, &input.resource_id)?;
    let added = read(Some(input.tags))?;
    change(&ctx, key, move |tags| {
        tags.extend(added);
        *tags = checked(std::mem::take(tags))?;
        Ok(())
    })
    .await?;
    Ok(AddTagsToResourceResult {})
}

pub async fn remove(
    ctx: Ctx,
    input: RemoveTagsFromResourceRequest,
) -> Result<RemoveTagsFromResourceResult, AwsError> {
    let key = key(&ctx, &input.resource_type, &input.resource_id)?;
    change(&ctx, key, move |tags| {
        tags.retain(|key, _| !input.tag_keys.contains(key));
        Ok(())
    })
    .await?;
    Ok(RemoveTagsFromResourceResult {})
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResult, AwsError> {
    let key = key(&ctx, &input.resource_type, &input.resource_id)?;
    let tags = ctx.snapshot().get::<Parameter>(&key).map(|p| p.tags.clone()).unwrap_or_default();
    let shown = |(key, value)| Tag { key, value };
    Ok(ListTagsForResourceResult { tag_list: Some(tags.into_iter().map(shown).collect()) })
}
