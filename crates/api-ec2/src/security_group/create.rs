//! CreateSecurityGroup: a group that lets everything out and nothing in.

use neargate_api::model::ec2::{Cidr, RulePeer, SecurityGroup, SecurityGroupRule, Vpc};
use neargate_api::types::ec2::{CreateSecurityGroupRequest, CreateSecurityGroupResult};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::{Resource, all, find};
use crate::{security_group_rule, tag};

pub async fn call(
    ctx: Ctx,
    input: CreateSecurityGroupRequest,
) -> Result<CreateSecurityGroupResult, AwsError> {
    dry_run(input.dry_run)?;
    check_words(&input.group_name, &input.description)?;
    let tags = tag::for_creation(input.tag_specifications, SecurityGroup::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let vpc = match &input.vpc_id {
            Some(id) => find::<Vpc>(tx, &at.region, id)?,
            None => all::<Vpc>(tx, &at.region)
                .find(|vpc| vpc.is_default)
                .ok_or_else(|| error::of("VPCIdNotSpecified", "No default VPC for this user"))?,
        };
        let (name, vpc_id) = (input.group_name, &vpc.vpc_id);
        let taken = all::<SecurityGroup>(tx, &at.region)
            .any(|group| group.vpc_id == *vpc_id && group.name == name);
        if taken {
            let message = format!("The security group '{name}' already exists for VPC '{vpc_id}'");
            return Err(error::of("InvalidGroup.Duplicate", message));
        }
        let group = SecurityGroup {
            region: at.region.clone(),
            group_id: format!("sg-{}", at.rng().hex(17)),
            name,
            description: input.description,
            vpc_id: vpc_id.clone(),
        };
        tx.put(SecurityGroupRule {
            region: at.region.clone(),
            group_id: group.group_id.clone(),
            rule_id: format!("sgr-{}", at.rng().hex(17)),
            egress: true,
            protocol: "-1".into(),
            from_port: -1,
            to_port: -1,
            peer: RulePeer::Ipv4(Cidr::ANYWHERE),
            description: None,
        });
        tx.put(group.clone());
        tag::store(tx, &at.region, &group.group_id, SecurityGroup::TYPE, tags);
        let arn = at.arn("ec2", format!("security-group/{}", group.group_id));
        Ok(CreateSecurityGroupResult {
            tags: tag::shown(tx, &at.region, &group.group_id),
            group_id: Some(group.group_id),
            security_group_arn: Some(arn),
        })
    })
    .await
}

/// Source: GroupName and GroupDescription in the API reference.
fn check_words(name: &str, description: &str) -> Result<(), AwsError> {
    if name == "default" {
        return Err(error::invalid("Cannot use reserved security group name: default"));
    }
    if name.starts_with("sg-") {
        return Err(error::invalid_value(
            name,
            "GroupName",
            "Group names may not be in the format sg-*.",
        ));
    }
    if !security_group_rule::is_plain(name) || name.is_empty() {
        return Err(error::invalid_value(
            name,
            "GroupName",
            "Character sets beyond ASCII are not supported.",
        ));
    }
    if !security_group_rule::is_plain(description) {
        return Err(error::invalid_value(
            description,
            "GroupDescription",
            "Character sets beyond ASCII are not supported.",
        ));
    }
    Ok(())
}
