//! Tags of ECS resources, and the three operations on them.

use neargate_api::model::ecs::{Cluster, Service, Task, TaskDefinition};
use neargate_api::types::ecs::{
    ListTagsForResourceRequest, ListTagsForResourceResponse, Tag, TagResourceRequest,
    TagResourceResponse, UntagResourceRequest, UntagResourceResponse, error,
};
use neargate_api::{Arn, AwsError, Ctx, Snapshot, Tags, Tx, check_tags};

use crate::task_definition;

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let tags: Tags = given
        .unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect();
    match check_tags(&tags) {
        Some(why) => Err(error::invalid_parameter_exception(why)),
        None => Ok(tags),
    }
}

/// Tags as shown.
pub fn shown(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(k, v)| Tag { key: Some(k.clone()), value: Some(v.clone()) }).collect()
}

pub fn resource(_: &Ctx, input: &TagResourceRequest) -> String {
    input.resource_arn.clone()
}

pub fn resource_untag(_: &Ctx, input: &UntagResourceRequest) -> String {
    input.resource_arn.clone()
}

pub fn resource_list(_: &Ctx, input: &ListTagsForResourceRequest) -> String {
    input.resource_arn.clone()
}

/// What an ARN of ECS refers to: a table, and a key in it.
enum Tagged {
    Cluster(String),
    Service(String),
    Task(String),
    TaskDefinition(String),
}

fn locate(ctx: &Ctx, arn: &str) -> Result<Tagged, AwsError> {
    let invalid = || error::invalid_parameter_exception(format!("Invalid resource ARN: {arn}"));
    let parsed: Arn = arn.parse().map_err(|_| invalid())?;
    let parts: Vec<&str> = parsed.resource.split('/').collect();
    let region = ctx.region.as_str();
    match parts[..] {
        ["cluster", name] => Ok(Tagged::Cluster(Cluster::key_of(region, name))),
        ["service", cluster, name] => Ok(Tagged::Service(Service::key_of(region, cluster, name))),
        ["task", cluster, id] => Ok(Tagged::Task(Task::key_of(region, cluster, id))),
        ["task-definition", name] => {
            let key = task_definition::key(ctx, &ctx.snapshot(), name).ok_or_else(invalid)?;
            Ok(Tagged::TaskDefinition(key))
        }
        _ => Err(invalid()),
    }
}

fn missing() -> AwsError {
    error::invalid_parameter_exception(
        "The specified resource does not exist. Specify a valid resource ARN and try again.",
    )
}

fn tags_of(snapshot: &Snapshot, tagged: &Tagged) -> Option<Tags> {
    match tagged {
        Tagged::Cluster(key) => snapshot.get::<Cluster>(key).map(|r| r.tags.clone()),
        Tagged::Service(key) => snapshot.get::<Service>(key).map(|r| r.tags.clone()),
        Tagged::Task(key) => snapshot.get::<Task>(key).map(|r| r.tags.clone()),
        Tagged::TaskDefinition(key) => snapshot.get::<TaskDefinition>(key).map(|r| r.tags.clone()),
    }
}

fn change(tx: &mut Tx, tagged: &Tagged, change: impl FnOnce(&mut Tags)) -> Option<()> {
    match tagged {
        Tagged::Cluster(key) => tx.update::<Cluster>(key, |r| change(&mut r.tags)).map(drop),
        Tagged::Service(key) => tx.update::<Service>(key, |r| change(&mut r.tags)).map(drop),
        Tagged::Task(key) => tx.update::<Task>(key, |r| change(&mut r.tags)).map(drop),
        Tagged::TaskDefinition(key) => {
            tx.update::<TaskDefinition>(key, |r| change(&mut r.tags)).map(drop)
        }
    }
}

pub async fn tag(ctx: Ctx, input: TagResourceRequest) -> Result<TagResourceResponse, AwsError> {
    let tagged = locate(&ctx, &input.resource_arn)?;
    let added = read(Some(input.tags))?;
    ctx.write(move |tx| {
        let mut merged = tags_of(tx.view(), &tagged).ok_or_else(missing)?;
        merged.extend(added);
        if let Some(why) = check_tags(&merged) {
            return Err(error::invalid_parameter_exception(why));
        }
        change(tx, &tagged, |tags| *tags = merged).ok_or_else(missing)
    })
    .await?;
    Ok(TagResourceResponse {})
}

pub async fn untag(
    ctx: Ctx,
    input: UntagResourceRequest,
) -> Result<UntagResourceResponse, AwsError> {
    let tagged = locate(&ctx, &input.resource_arn)?;
    ctx.write(move |tx| {
        change(tx, &tagged, |tags| tags.retain(|key, _| !input.tag_keys.contains(key)))
            .ok_or_else(missing)
    })
    .await?;
    Ok(UntagResourceResponse {})
}

pub async fn list(
    ctx: Ctx,
    input: ListTagsForResourceRequest,
) -> Result<ListTagsForResourceResponse, AwsError> {
    let tagged = locate(&ctx, &input.resource_arn)?;
    let tags = tags_of(&ctx.snapshot(), &tagged).ok_or_else(missing)?;
    Ok(ListTagsForResourceResponse { tags: Some(shown(&tags)) })
}
