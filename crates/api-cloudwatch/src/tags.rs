//! Tags of alarms and dashboards.

use neargate_api::model::cloudwatch::{Alarm, Dashboard};
use neargate_api::types::cloudwatch::{
    ListTagsForResourceInput, ListTagsForResourceOutput, Tag, TagResourceInput, TagResourceOutput,
    UntagResourceInput, UntagResourceOutput, error,
};
use neargate_api::{AwsError, Ctx, Snapshot, Tags, Tx, check_tags};

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    checked(given.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

fn checked(tags: Tags) -> Result<Tags, AwsError> {
    match check_tags(&tags) {
        Some(why) => Err(error::invalid_parameter_value_exception(why)),
        None => Ok(tags),
    }
}

/// What an ARN refers to: a key of alarms, or of dashboards.
enum Tagged {
    Alarm(String),
    Dashboard(String),
}

fn locate(ctx: &Ctx, arn: &str) -> Result<Tagged, AwsError> {
    if let Some((_, name)) = arn.split_once(":alarm:") {
        return Ok(Tagged::Alarm(Alarm::key_of(&ctx.region, name)));
    }
    match arn.split_once(":dashboard/") {
        Some((_, name)) => Ok(Tagged::Dashboard(name.to_owned())),
        None => Err(error::invalid_parameter_value_exception(format!("Invalid ARN: {arn}"))),
    }
}

fn missing() -> AwsError {
    error::resource_not_found_exception("The specified resource does not exist.")
}

fn tags_of(snapshot: &Snapshot, tagged: &Tagged) -> Result<Tags, AwsError> {
    let tags = match tagged {
        Tagged::Alarm(key) => snapshot.get::<Alarm>(key).map(|alarm| alarm.tags.clone()),
        Tagged::Dashboard(key) => snapshot.get::<Dashboard>(key).map(|board| board.tags.clone()),
    };
    tags.ok_or_else(missing)
}

fn set(tx: &mut Tx, tagged: &Tagged, tags: Tags) {
    match tagged {
        Tagged::Alarm(key) => {
            tx.update::<Alarm>(key, |alarm| alarm.tags = tags);
        }
        Tagged::Dashboard(key) => {
            tx.update::<Dashboard>(key, |dashboard| dashboard.tags = tags);
        }
    }
}

pub async fn tag(ctx: Ctx, input: TagResourceInput) -> Result<TagResourceOutput, AwsError> {
    let tagged = locate(&ctx, &input.resource_arn)?;
    ctx.write(move |tx| {
        let mut tags = tags_of(tx, &tagged)?;
        tags.extend(input.tags.into_iter().map(|tag| (tag.key, tag.value)));
        set(tx, &tagged, checked(tags)?);
        Ok(())
    })
    .await?;
    Ok(TagResourceOutput {})
}

pub async fn untag(ctx: Ctx, input: UntagResourceInput) -> Result<UntagResourceOutput, AwsError> {
    let tagged = locate(&ctx, &input.resource_arn)?;
    ctx.write(move |tx| {
        let mut tags = tags_of(tx, &tagged)?;
        tags.retain(|key, _| !input.tag_keys.contains(key));
        set(tx, &tagged, tags);
        Ok(())
    })
    .await?;
    Ok(UntagResourceOutput {})
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, AwsError> {
    let tags = tags_of(&ctx.snapshot(), &locate(&ctx, &input.resource_arn)?)?;
    let shown = tags.into_iter().map(|(key, value)| Tag { key, value });
    Ok(ListTagsForResourceOutput { tags: Some(shown.collect()) })
}
