//! Tags of applications and deployment groups, and the three operations on them.

use neargate_api::model::codedeploy::{Application, DeploymentGroup};
use neargate_api::types::codedeploy::{
    ListTagsForResourceInput, ListTagsForResourceOutput, Tag, TagResourceInput, TagResourceOutput,
    UntagResourceInput, UntagResourceOutput, error,
};
use neargate_api::{Arn, AwsError, Ctx, Snapshot, Tags, Tx, check_tags};

/// Tags as given, if they are allowed.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let tags: Tags = given
        .unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect();
    match check_tags(&tags) {
        Some(why) => Err(error::invalid_tags_to_add_exception(why)),
        None => Ok(tags),
    }
}

/// What an ARN of CodeDeploy refers to: a table, and a key in it.
enum Tagged {
    Application(String),
    DeploymentGroup(String),
}

fn locate(ctx: &Ctx, arn: &str) -> Result<Tagged, AwsError> {
    let unsupported =
        || error::arn_not_supported_exception(format!("The specified ARN is not supported: {arn}"));
    let parsed: Arn = arn.parse().map_err(|_| {
        error::invalid_arn_exception(format!("The specified ARN is not in a valid format: {arn}"))
    })?;
    match parsed.resource.split_once(':') {
        Some(("application", name)) => {
            Ok(Tagged::Application(Application::key_of(&ctx.region, name)))
        }
        Some(("deploymentgroup", names)) => {
            let (application, group) = names.split_once('/').ok_or_else(unsupported)?;
            Ok(Tagged::DeploymentGroup(DeploymentGroup::key_of(&ctx.region, application, group)))
        }
        _ => Err(unsupported()),
    }
}

fn tags_of(snapshot: &Snapshot, tagged: &Tagged) -> Result<Tags, AwsError> {
    match tagged {
        Tagged::Application(key) => snapshot
            .get::<Application>(key)
            .map(|application| application.tags.clone())
            .ok_or_else(|| crate::application::missing(name_in(key))),
        Tagged::DeploymentGroup(key) => snapshot
            .get::<DeploymentGroup>(key)
            .map(|group| group.tags.clone())
            .ok_or_else(|| crate::deployment_group::missing(name_in(key))),
    }
}

/// The name at the end of a key.
fn name_in(key: &str) -> &str {
    key.rsplit(['/', '\n']).next().unwrap_or(key)
}

fn set(tx: &mut Tx, tagged: &Tagged, tags: Tags) {
    match tagged {
        Tagged::Application(key) => {
            tx.update::<Application>(key, |application| application.tags = tags);
        }
        Tagged::DeploymentGroup(key) => {
            tx.update::<DeploymentGroup>(key, |group| group.tags = tags);
        }
    }
}

pub async fn tag(ctx: Ctx, input: TagResourceInput) -> Result<TagResourceOutput, AwsError> {
    let tagged = locate(&ctx, &input.resource_arn)?;
    let added = read(Some(input.tags))?;
    ctx.write(move |tx| {
        let mut tags = tags_of(tx.view(), &tagged)?;
        tags.extend(added);
        if let Some(why) = check_tags(&tags) {
            return Err(error::invalid_tags_to_add_exception(why));
        }
        set(tx, &tagged, tags);
        Ok(TagResourceOutput {})
    })
    .await
}

pub async fn untag(ctx: Ctx, input: UntagResourceInput) -> Result<UntagResourceOutput, AwsError> {
    let tagged = locate(&ctx, &input.resource_arn)?;
    ctx.write(move |tx| {
        let mut tags = tags_of(tx.view(), &tagged)?;
        tags.retain(|key, _| !input.tag_keys.contains(key));
        set(tx, &tagged, tags);
        Ok(UntagResourceOutput {})
    })
    .await
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, AwsError> {
    let tags = tags_of(&ctx.snapshot(), &locate(&ctx, &input.resource_arn)?)?;
    let shown = tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) });
    Ok(ListTagsForResourceOutput { tags: Some(shown.collect()), next_token: None })
}
