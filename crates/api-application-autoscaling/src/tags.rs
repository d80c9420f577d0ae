//! Tags of scalable targets, and the three operations on them.

use neargate_api::model::application_autoscaling::ScalableTarget;
use neargate_api::types::application_autoscaling::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, TagResourceRequest,
    TagResourceResponse, UntagResourceRequest, UntagResourceResponse, error,
};
use neargate_api::{AwsError, Ctx, Record, Snapshot, TAG_LIMIT, Tags, check_tags};

/// Tags as given, if they are allowed.
pub fn check(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        None => Ok(tags),
        Some(why) if tags.len() > TAG_LIMIT => Err(error::too_many_tags_exception(why)),
        Some(why) => Err(error::validation_exception(why)),
    }
}

/// The key of the target that has this ARN.
fn locate(snapshot: &Snapshot, region: &str, arn: &str) -> Result<String, AwsError> {
    snapshot
        .scan::<ScalableTarget>(&format!("{region}/"))
        .find(|target| target.shown.scalable_target_arn.as_deref() == Some(arn))
        .map(|target| target.key())
        .ok_or_else(|| missing(arn))
}

fn missing(arn: &str) -> AwsError {
    error::resource_not_found_exception("The specified resource doesn't exist.")
        .with("ResourceName", arn)
}

pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceResponse, AwsError> {
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let key = locate(tx.view(), &region, &input.resource_arn)?;
        let mut tags = tx.get::<ScalableTarget>(&key).map(|t| t.tags.clone()).unwrap_or_default();
        tags.extend(input.tags);
        let tags = check(tags)?;
        tx.update::<ScalableTarget>(&key, |target| target.tags = tags);
        Ok(TagResourceResponse {})
    })
    .await
}

pub async fn untag(
    ctx: Ctx,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, AwsError> {
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let key = locate(tx.view(), &region, &input.resource_arn)?;
        tx.update::<ScalableTarget>(&key, |target| {
            target.tags.retain(|key, _| !input.tag_keys.contains(key));
        });
        Ok(UntagResourceResponse {})
    })
    .await
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let key = locate(&snapshot, &ctx.region, &input.resource_arn)?;
    let target = snapshot.get::<ScalableTarget>(&key);
    let target = target.ok_or_else(|| missing(&input.resource_arn))?;
    Ok(ListTagsForResourceResponse { tags: Some(target.tags.clone()) })
}
