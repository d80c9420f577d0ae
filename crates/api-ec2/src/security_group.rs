//! Security groups.

pub mod create;
pub mod delete;
pub mod describe;

use std::sync::Arc;

use neargate_api::model::ec2::{SecurityGroup, Vpc, default_group, rules_of};
use neargate_api::types::ec2;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::resource::{all, find};
use crate::security_group_rule::permission;
use crate::{error, tag};

/// A group as the wire has it, its rules gathered by protocol and ports.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, group: &SecurityGroup) -> ec2::SecurityGroup {
    let rules: Vec<_> = rules_of(snapshot, &group.region, &group.group_id).collect();
    let gathered = |egress| {
        let of_direction = rules.iter().filter(|rule| rule.egress == egress);
        Some(permission::gathered(of_direction.map(Arc::as_ref), ctx.account()))
    };
    ec2::SecurityGroup {
        group_id: Some(group.group_id.clone()),
        group_name: Some(group.name.clone()),
        description: Some(group.description.clone()),
        vpc_id: Some(group.vpc_id.clone()),
        owner_id: Some(ctx.account().into()),
        security_group_arn: Some(ctx.arn("ec2", format!("security-group/{}", group.group_id))),
        ip_permissions: gathered(false),
        ip_permissions_egress: gathered(true),
        tags: tag::shown(snapshot, &group.region, &group.group_id),
    }
}

/// The group of this id or, in the default VPC, of this name.
pub fn chosen(
    snapshot: &Snapshot,
    region: &str,
    group_id: Option<&str>,
    group_name: Option<&str>,
) -> Result<Arc<SecurityGroup>, AwsError> {
    match (group_id, group_name) {
        (Some(id), _) if !id.starts_with("sg-") => Err(error::of(
            "InvalidGroupId.Malformed",
            format!("Invalid id: \"{id}\" (expecting \"sg-...\")"),
        )),
        (Some(id), _) => find::<SecurityGroup>(snapshot, region, id),
        (None, Some(name)) => {
            let vpc = all::<Vpc>(snapshot, region).find(|vpc| vpc.is_default);
            let named = |group: &Arc<SecurityGroup>| {
                group.name == name && vpc.as_ref().is_some_and(|vpc| vpc.vpc_id == group.vpc_id)
            };
            all::<SecurityGroup>(snapshot, region).find(named).ok_or_else(|| {
                let message = format!(
                    "The security group '{name}' does not exist in default VPC '{}'",
                    vpc.as_ref().map_or("none", |vpc| &vpc.vpc_id)
                );
                error::of("InvalidGroup.NotFound", message)
            })
        }
        (None, None) => Err(error::missing("GroupId")),
    }
}

/// The groups of these ids, all of them in this VPC, or else its default one.
pub fn of_vpc(
    snapshot: &Snapshot,
    region: &str,
    vpc_id: &str,
    given: &[String],
) -> Result<Vec<String>, AwsError> {
    if given.is_empty() {
        let default = default_group(snapshot, region, vpc_id);
        return Ok(default.map(|group| group.group_id.clone()).into_iter().collect());
    }
    for id in given {
        let group = find::<SecurityGroup>(snapshot, region, id)?;
        if group.vpc_id != vpc_id {
            return Err(error::invalid(
                "You have specified two resources that belong to different networks.",
            ));
        }
    }
    Ok(given.to_vec())
}

/// Ids and names of groups, as interfaces and endpoints show them.
pub fn identifiers(snapshot: &Snapshot, region: &str, ids: &[String]) -> Vec<(String, String)> {
    ids.iter()
        .map(|id| {
            let group = find::<SecurityGroup>(snapshot, region, id);
            (id.clone(), group.map(|group| group.name.clone()).unwrap_or_default())
        })
        .collect()
}
