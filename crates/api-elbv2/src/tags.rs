//! Tags of load balancers, listeners, rules and target groups, and the
//! operations on them.

use neargate_api::model::elbv2::{Listener, LoadBalancer, Rule, TargetGroup};
use neargate_api::types::elbv2::{
    AddTagsInput, AddTagsOutput, DescribeTagsInput, DescribeTagsOutput, RemoveTagsInput,
    RemoveTagsOutput, Tag, TagDescription, error,
};
use neargate_api::{AwsError, Ctx, Snapshot, Tags, Tx, check_tags};

use crate::{invalid, listener, load_balancer, rule, target_group};

/// Tags as given, checked.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let mut tags = Tags::new();
    for Tag { key, value } in given.unwrap_or_default() {
        if tags.contains_key(&key) {
            return Err(error::duplicate_tag_keys_exception(format!(
                "Tag key was specified more than once: {key}"
            )));
        }
        tags.insert(key, value.unwrap_or_default());
    }
    check(&tags)?;
    Ok(tags)
}

fn check(tags: &Tags) -> Result<(), AwsError> {
    match check_tags(tags) {
        Some(why) if tags.len() > neargate_api::TAG_LIMIT => {
            Err(error::too_many_tags_exception(why))
        }
        Some(why) => Err(invalid(why)),
        None => Ok(()),
    }
}

/// What a policy is asked about: the first of the resources.
pub fn resource(arns: &[String]) -> String {
    arns.first().cloned().unwrap_or_else(|| "*".into())
}

/// What an ARN refers to.
enum Tagged {
    LoadBalancer,
    Listener,
    Rule,
    TargetGroup,
}

fn kind(arn: &str) -> Result<Tagged, AwsError> {
    match arn.splitn(6, ':').nth(5).and_then(|resource| resource.split('/').next()) {
        Some("loadbalancer") => Ok(Tagged::LoadBalancer),
        Some("listener") => Ok(Tagged::Listener),
        Some("listener-rule") => Ok(Tagged::Rule),
        Some("targetgroup") => Ok(Tagged::TargetGroup),
        _ => Err(invalid(format!("'{arn}' is not a valid resource ARN"))),
    }
}

fn missing(tagged: &Tagged, arn: &str) -> AwsError {
    match tagged {
        Tagged::LoadBalancer => load_balancer::not_found(arn),
        Tagged::Listener => listener::not_found(arn),
        Tagged::Rule => rule::not_found(),
        Tagged::TargetGroup => target_group::not_found(arn),
    }
}

fn tags_of(snapshot: &Snapshot, arn: &str) -> Result<Tags, AwsError> {
    let kind = kind(arn)?;
    let found = match kind {
        Tagged::LoadBalancer => snapshot.get::<LoadBalancer>(arn).map(|r| r.tags.clone()),
        Tagged::Listener => snapshot.get::<Listener>(arn).map(|r| r.tags.clone()),
        Tagged::Rule => {
            let of_default = || Some(rule::default_of(snapshot, arn)?.default_rule_tags.clone());
            snapshot.get::<Rule>(arn).map(|r| r.tags.clone()).or_else(of_default)
        }
        Tagged::TargetGroup => snapshot.get::<TargetGroup>(arn).map(|r| r.tags.clone()),
    };
    found.ok_or_else(|| missing(&kind, arn))
}

fn put(tx: &mut Tx, arn: &str, tags: Tags) -> Result<(), AwsError> {
    match kind(arn)? {
        Tagged::LoadBalancer => drop(tx.update::<LoadBalancer>(arn, |r| r.tags = tags)),
        Tagged::Listener => drop(tx.update::<Listener>(arn, |r| r.tags = tags)),
        Tagged::Rule => match rule::default_of(tx, arn) {
            Some(listener) => {
                drop(tx.update::<Listener>(&listener.arn, |r| r.default_rule_tags = tags));
            }
            None => drop(tx.update::<Rule>(arn, |r| r.tags = tags)),
        },
        Tagged::TargetGroup => drop(tx.update::<TargetGroup>(arn, |r| r.tags = tags)),
    }
    Ok(())
}

pub async fn add(ctx: Ctx, input: AddTagsInput) -> Result<AddTagsOutput, AwsError> {
    let added = read(Some(input.tags))?;
    ctx.write(move |tx| {
        for arn in &input.resource_arns {
            let mut merged = tags_of(tx, arn)?;
            merged.extend(added.clone());
            check(&merged)?;
            put(tx, arn, merged)?;
        }
        Ok(())
    })
    .await?;
    Ok(AddTagsOutput {})
}

pub async fn remove(ctx: Ctx, input: RemoveTagsInput) -> Result<RemoveTagsOutput, AwsError> {
    ctx.write(move |tx| {
        for arn in &input.resource_arns {
            let mut left = tags_of(tx, arn)?;
            left.retain(|key, _| !input.tag_keys.contains(key));
            put(tx, arn, left)?;
        }
        Ok(())
    })
    .await?;
    Ok(RemoveTagsOutput {})
}

pub async fn describe(ctx: Ctx, input: DescribeTagsInput) -> Result<DescribeTagsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let mut shown = Vec::new();
    for arn in input.resource_arns {
        let tags = tags_of(&snapshot, &arn)?;
        let tags = tags.into_iter().map(|(key, value)| Tag { key, value: Some(value) }).collect();
        shown.push(TagDescription { resource_arn: Some(arn), tags: Some(tags) });
    }
    Ok(DescribeTagsOutput { tag_descriptions: Some(shown) })
}
