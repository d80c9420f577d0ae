//! Tags: how they come with a creation, and the calls that change them later.

pub mod add;
pub mod list;
pub mod remove;

use neargate_api::model::rds::{DbInstance, DbSnapshot, ParameterGroup, SubnetGroup, key};
use neargate_api::types::rds::{Tag, error as fault};
use neargate_api::{Arn, AwsError, Ctx, Snapshot, Tags, Tx, check_tags};

use crate::error;

/// Checked tags out of their wire form.
pub fn read(given: Option<Vec<Tag>>) -> Result<Tags, AwsError> {
    let mut tags = Tags::new();
    for tag in given.unwrap_or_default() {
        tags.insert(tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    }
    check(&tags)?;
    Ok(tags)
}

fn check(tags: &Tags) -> Result<(), AwsError> {
    check_tags(tags).map_or(Ok(()), |why| Err(error::invalid_value(why)))
}

/// Tags in their wire form.
pub fn shape(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) })
        .collect()
}

/// What an ARN names.
enum Kind {
    Instance,
    Snapshot,
    SubnetGroup,
    ParameterGroup,
}

fn parse(ctx: &Ctx, arn: &str) -> Result<(Kind, String), AwsError> {
    let bad = || {
        error::invalid_value(format!(
            "The specified resource name does not match an RDS resource in this region: {arn}"
        ))
    };
    let parsed: Arn = arn.parse().map_err(|_| bad())?;
    if !arn.starts_with(&ctx.arn("rds", "")) {
        return Err(bad());
    }
    let resource = parsed.to_string();
    let mut parts = resource.splitn(7, ':').skip(5);
    let kind = match parts.next() {
        Some("db") => Kind::Instance,
        Some("snapshot") => Kind::Snapshot,
        Some("subgrp") => Kind::SubnetGroup,
        Some("pg") => Kind::ParameterGroup,
        _ => return Err(bad()),
    };
    let name = parts.next().ok_or_else(bad)?;
    Ok((kind, key(&ctx.region, name)))
}

fn missing(kind: &Kind, arn: &str) -> AwsError {
    let message = format!("{arn} not found.");
    match kind {
        Kind::Instance => fault::db_instance_not_found_fault(message),
        Kind::Snapshot => fault::db_snapshot_not_found_fault(message),
        Kind::SubnetGroup => fault::db_subnet_group_not_found_fault(message),
        Kind::ParameterGroup => fault::db_parameter_group_not_found_fault(message),
    }
}

/// The tags of a resource.
fn of(ctx: &Ctx, snapshot: &Snapshot, arn: &str) -> Result<Tags, AwsError> {
    let (kind, key) = parse(ctx, arn)?;
    let tags = match kind {
        Kind::Instance => snapshot.get::<DbInstance>(&key).map(|r| r.tags.clone()),
        Kind::Snapshot => snapshot.get::<DbSnapshot>(&key).map(|r| r.tags.clone()),
        Kind::SubnetGroup => snapshot.get::<SubnetGroup>(&key).map(|r| r.tags.clone()),
        Kind::ParameterGroup if arn.contains(":pg:default.") => Some(Tags::new()),
        Kind::ParameterGroup => snapshot.get::<ParameterGroup>(&key).map(|r| r.tags.clone()),
    };
    tags.ok_or_else(|| missing(&kind, arn))
}

/// Changes the tags of a resource.
fn change(ctx: &Ctx, tx: &mut Tx, arn: &str, with: impl FnOnce(&mut Tags)) -> Result<(), AwsError> {
    let mut tags = of(ctx, tx, arn)?;
    with(&mut tags);
    check(&tags)?;
    let (kind, key) = parse(ctx, arn)?;
    let found = match kind {
        Kind::Instance => tx.update::<DbInstance>(&key, |r| r.tags = tags).is_some(),
        Kind::Snapshot => tx.update::<DbSnapshot>(&key, |r| r.tags = tags).is_some(),
        Kind::SubnetGroup => tx.update::<SubnetGroup>(&key, |r| r.tags = tags).is_some(),
        Kind::ParameterGroup => tx.update::<ParameterGroup>(&key, |r| r.tags = tags).is_some(),
    };
    found.then_some(()).ok_or_else(|| missing(&kind, arn))
}
