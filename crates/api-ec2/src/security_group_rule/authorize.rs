//! AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress: add rules.
//! The two differ in the direction only.

use neargate_api::model::ec2::{RulePeer, SecurityGroup, SecurityGroupRule, rules_of};
use neargate_api::types::ec2::{
    self, AuthorizeSecurityGroupEgressRequest, AuthorizeSecurityGroupEgressResult,
    AuthorizeSecurityGroupIngressRequest, AuthorizeSecurityGroupIngressResult,
};
use neargate_api::{AwsError, Ctx, Tags, Tx};

use super::permission::{Flat, Wanted, read};
use crate::error::{self, dry_run};
use crate::resource::Resource;
use crate::{security_group, tag};

/// Rules of one direction in a group. Source: "Security groups" in the VPC quotas.
const LIMIT: usize = 60;

pub async fn ingress(
    ctx: Ctx,
    input: AuthorizeSecurityGroupIngressRequest,
) -> Result<AuthorizeSecurityGroupIngressResult, AwsError> {
    dry_run(input.dry_run)?;
    let tags = tag::for_creation(input.tag_specifications, SecurityGroupRule::TYPE)?;
    let at = ctx.clone();
    let rules = ctx
        .write(move |tx| {
            let (id, name) = (input.group_id.as_deref(), input.group_name.as_deref());
            let group = security_group::chosen(tx, &at.region, id, name)?;
            let flat = Flat {
                cidr_ip: input.cidr_ip,
                from_port: input.from_port,
                to_port: input.to_port,
                ip_protocol: input.ip_protocol,
                source_group_name: input.source_security_group_name,
            };
            let wanted = read(&at, tx, &group, input.ip_permissions, flat)?;
            add(tx, &at, &group, false, wanted, &tags)
        })
        .await?;
    Ok(AuthorizeSecurityGroupIngressResult {
        r#return: Some(true),
        security_group_rules: Some(rules),
    })
}

pub async fn egress(
    ctx: Ctx,
    input: AuthorizeSecurityGroupEgressRequest,
) -> Result<AuthorizeSecurityGroupEgressResult, AwsError> {
    dry_run(input.dry_run)?;
    let tags = tag::for_creation(input.tag_specifications, SecurityGroupRule::TYPE)?;
    let at = ctx.clone();
    let rules = ctx
        .write(move |tx| {
            let group = security_group::chosen(tx, &at.region, Some(&input.group_id), None)?;
            let flat = Flat {
                cidr_ip: input.cidr_ip,
                from_port: input.from_port,
                to_port: input.to_port,
                ip_protocol: input.ip_protocol,
                source_group_name: input.source_security_group_name,
            };
            let wanted = read(&at, tx, &group, input.ip_permissions, flat)?;
            add(tx, &at, &group, true, wanted, &tags)
        })
        .await?;
    Ok(AuthorizeSecurityGroupEgressResult {
        r#return: Some(true),
        security_group_rules: Some(rules),
    })
}

/// Stores the rules, none of which may be there already.
fn add(
    tx: &mut Tx,
    ctx: &Ctx,
    group: &SecurityGroup,
    egress: bool,
    wanted: Vec<Wanted>,
    tags: &Tags,
) -> Result<Vec<ec2::SecurityGroupRule>, AwsError> {
    let mut rules: Vec<SecurityGroupRule> = Vec::new();
    for wanted in wanted {
        let rule = SecurityGroupRule {
            region: ctx.region.clone(),
            group_id: group.group_id.clone(),
            rule_id: format!("sgr-{}", ctx.rng().hex(17)),
            egress,
            protocol: wanted.protocol,
            from_port: wanted.from_port,
            to_port: wanted.to_port,
            peer: wanted.peer,
            description: wanted.description,
        };
        if rules.iter().any(|other| other.allows_same(&rule)) {
            return Err(error::invalid("The same permission must not appear multiple times"));
        }
        if rules_of(tx, &ctx.region, &group.group_id).any(|other| other.allows_same(&rule)) {
            return Err(duplicate(&rule));
        }
        rules.push(rule);
    }
    let before = rules_of(tx, &ctx.region, &group.group_id).filter(|rule| rule.egress == egress);
    if before.count() + rules.len() > LIMIT {
        return Err(error::of(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ));
    }
    for rule in &rules {
        tx.put(rule.clone());
        tag::store(tx, &ctx.region, &rule.rule_id, SecurityGroupRule::TYPE, tags.clone());
    }
    Ok(rules.iter().map(|rule| super::shape(ctx, tx, rule)).collect())
}

/// `the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists`
fn duplicate(rule: &SecurityGroupRule) -> AwsError {
    let peer = match &rule.peer {
        RulePeer::Ipv4(cidr) => cidr.to_string(),
        RulePeer::Ipv6(text) | RulePeer::PrefixList(text) | RulePeer::Group(text) => text.clone(),
    };
    let traffic = match rule.protocol.as_str() {
        "-1" => "ALL".into(),
        "tcp" | "udp" => format!(
            "{}, from port: {}, to port: {}",
            rule.protocol.to_uppercase(),
            rule.from_port,
            rule.to_port
        ),
        "icmp" | "icmpv6" => format!(
            "{}, type: {}, code: {}",
            rule.protocol.to_uppercase(),
            rule.from_port,
            rule.to_port
        ),
        number => number.into(),
    };
    let message = format!("the specified rule \"peer: {peer}, {traffic}, ALLOW\" already exists");
    error::of("InvalidPermission.Duplicate", message)
}
