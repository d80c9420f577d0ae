//! The rules of security groups. They come in two forms: an `IpPermission`
//! gathers many peers under one protocol and range of ports; a
//! `SecurityGroupRule` is one of them, with an id of its own.

pub mod authorize;
pub mod describe;

pub mod modify;
pub mod permission;
pub mod revoke;
pub mod update_description;

use neargate_api::model::ec2::{RulePeer, SecurityGroup, SecurityGroupRule, key};
use neargate_api::types::ec2;
use neargate_api::{Ctx, Snapshot};

use crate::tag;

/// A rule as the wire has it.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, rule: &SecurityGroupRule) -> ec2::SecurityGroupRule {
    let mut shape = ec2::SecurityGroupRule {
        security_group_rule_id: Some(rule.rule_id.clone()),
        security_group_rule_arn: Some(
            ctx.arn("ec2", format!("security-group-rule/{}", rule.rule_id)),
        ),
        group_id: Some(rule.group_id.clone()),
        group_owner_id: Some(ctx.account().into()),
        is_egress: Some(rule.egress),
        ip_protocol: Some(rule.protocol.clone()),
        from_port: Some(rule.from_port),
        to_port: Some(rule.to_port),
        description: rule.description.clone(),
        tags: tag::shown(snapshot, &rule.region, &rule.rule_id),
        ..ec2::SecurityGroupRule::default()
    };
    match &rule.peer {
        RulePeer::Ipv4(cidr) => shape.cidr_ipv4 = Some(cidr.to_string()),
        RulePeer::Ipv6(cidr) => shape.cidr_ipv6 = Some(cidr.clone()),
        RulePeer::PrefixList(id) => shape.prefix_list_id = Some(id.clone()),
        RulePeer::Group(id) => {
            let group = snapshot.get::<SecurityGroup>(&key(&rule.region, id));
            shape.referenced_group_info = Some(ec2::ReferencedSecurityGroup {
                group_id: Some(id.clone()),
                user_id: Some(ctx.account().into()),
                vpc_id: group.map(|group| group.vpc_id.clone()),
                ..ec2::ReferencedSecurityGroup::default()
            });
        }
    }
    shape
}

/// Whether a name or description has only characters that groups and rules
/// allow, and at most 255 of them.
pub fn is_plain(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-:/()#,@[]+=&;{}!$* ".contains(c);
    text.len() <= 255 && text.chars().all(allowed)
}
