//! Tags of repositories, and the three operations on them.

use neargate_api::model::ecr::Repository;
use neargate_api::types::ecr::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest,
    TagResourceResponse, UntagResourceRequest, UntagResourceResponse, error,
};
use neargate_api::{Arn, AwsError, Ctx, TAG_LIMIT, Tags, check_tags};

use crate::repository;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let given = given.unwrap_or_default();
    checked(given.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        None => Ok(tags),
        Some(why) if tags.len() > TAG_LIMIT => Err(error::too_many_tags_exception(why)),
        Some(why) => Err(error::invalid_tag_parameter_exception(why)),
    }
}

/// The name of the repository that an ARN is of.
fn name_in(ctx: &Ctx, arn: &str) -> Result<String, AwsError> {
    let parsed: Option<Arn> = arn.parse().ok();
    let name = parsed.as_ref().and_then(|parsed| parsed.resource.strip_prefix("repository/"));
    match name {
        Some(name) if arn == repository::arn(ctx, name) => Ok(name.to_owned()),
        _ => Err(repository::invalid("resourceArn", "Invalid ARN")),
    }
}

/// TagResource.
pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceResponse, AwsError> {
    let name = name_in(&ctx, &input.resource_arn)?;
    let more = read(Some(input.tags))?;
    repository::get(&ctx, None, &name)?;
    let (region, account) = (ctx.region.clone(), ctx.account().to_owned());
    ctx.write(move |tx| {
        let found = repository::find(tx.view(), &region, &account, &name)?;
        let mut tags = found.tags.clone();
        tags.extend(more);
        let tags = checked(tags)?;
        tx.put(Repository { tags, ..Repository::clone(&found) });
        Ok(())
    })
    .await?;
    Ok(TagResourceResponse {})
}

/// UntagResource.
pub async fn untag(
    ctx: Ctx,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, AwsError> {
    let name = name_in(&ctx, &input.resource_arn)?;
    let keys = input.tag_keys;
    repository::change(&ctx, None, &name, move |r| r.tags.retain(|key, _| !keys.contains(key)))
        .await?;
    Ok(UntagResourceResponse {})
}

/// ListTagsForResource.
pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, AwsError> {
    let name = name_in(&ctx, &input.resource_arn)?;
    let found = repository::get(&ctx, None, &name)?;
    let tags = found.tags.iter().map(|(k, v)| Tag { key: k.clone(), value: v.clone() }).collect();
    Ok(ListTagsForResourceResponse { tags: Some(tags) })
}
