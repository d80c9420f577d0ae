//! RevokeSecurityGroupIngress and RevokeSecurityGroupEgress: take rules away,
//! by what they allow or by their ids. The two differ in the direction only.

use std::sync::Arc;

use neargate_api::model::ec2::{RulePeer, SecurityGroup, SecurityGroupRule, rules_of};
use neargate_api::types::ec2::{
    IpPermission, RevokeSecurityGroupEgressRequest, RevokeSecurityGroupEgressResult,
    RevokeSecurityGroupIngressRequest, RevokeSecurityGroupIngressResult, RevokedSecurityGroupRule,
};
use neargate_api::{AwsError, Ctx, Record, Snapshot, Tx};

use super::permission::{Flat, read};
use crate::error::{self, dry_run};
use crate::resource::Resource;
use crate::{security_group, tag};

pub async fn ingress(
    ctx: Ctx,
    input: RevokeSecurityGroupIngressRequest,
) -> Result<RevokeSecurityGroupIngressResult, AwsError> {
    dry_run(input.dry_run)?;
    let at = ctx.clone();
    let revoked = ctx
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
            let ids = input.security_group_rule_ids;
            let rules = chosen(&at, tx, &group, false, ids, input.ip_permissions, flat)?;
            Ok(remove(tx, &at.region, rules))
        })
        .await?;
    Ok(RevokeSecurityGroupIngressResult {
        r#return: Some(true),
        revoked_security_group_rules: Some(revoked),
        unknown_ip_permissions: None,
    })
}

pub async fn egress(
    ctx: Ctx,
    input: RevokeSecurityGroupEgressRequest,
) -> Result<RevokeSecurityGroupEgressResult, AwsError> {
    dry_run(input.dry_run)?;
    let at = ctx.clone();
    let revoked = ctx
        .write(move |tx| {
            let group = security_group::chosen(tx, &at.region, Some(&input.group_id), None)?;
            let flat = Flat {
                cidr_ip: input.cidr_ip,
                from_port: input.from_port,
                to_port: input.to_port,
                ip_protocol: input.ip_protocol,
                source_group_name: input.source_security_group_name,
            };
            let ids = input.security_group_rule_ids;
            let rules = chosen(&at, tx, &group, true, ids, input.ip_permissions, flat)?;
            Ok(remove(tx, &at.region, rules))
        })
        .await?;
    Ok(RevokeSecurityGroupEgressResult {
        r#return: Some(true),
        revoked_security_group_rules: Some(revoked),
        unknown_ip_permissions: None,
    })
}

/// The rules that a request means, all of which must be there.
fn chosen(
    ctx: &Ctx,
    snapshot: &Snapshot,
    group: &SecurityGroup,
    egress: bool,
    ids: Option<Vec<String>>,
    permissions: Option<Vec<IpPermission>>,
    flat: Flat,
) -> Result<Vec<Arc<SecurityGroupRule>>, AwsError> {
    let mut rules = rules_of(snapshot, &ctx.region, &group.group_id)
        .filter(|rule| rule.egress == egress)
        .collect::<Vec<_>>();
    if let Some(ids) = ids.filter(|ids| !ids.is_empty()) {
        let unknown = ids.iter().find(|id| !rules.iter().any(|rule| rule.rule_id == **id));
        if let Some(id) = unknown {
            return Err(SecurityGroupRule::not_found(id));
        }
        rules.retain(|rule| ids.contains(&rule.rule_id));
        return Ok(rules);
    }
    let mut found = Vec::new();
    for wanted in read(ctx, snapshot, group, permissions, flat)? {
        let same = |rule: &&Arc<SecurityGroupRule>| {
            rule.protocol == wanted.protocol
                && rule.from_port == wanted.from_port
                && rule.to_port == wanted.to_port
                && rule.peer == wanted.peer
        };
        let rule = rules.iter().find(same).ok_or_else(|| {
            error::of(
                "InvalidPermission.NotFound",
                "The specified rule does not exist in this security group.",
            )
        })?;
        found.push(rule.clone());
    }
    Ok(found)
}

fn remove(
    tx: &mut Tx,
    region: &str,
    rules: Vec<Arc<SecurityGroupRule>>,
) -> Vec<RevokedSecurityGroupRule> {
    let mut revoked = Vec::new();
    for rule in rules {
        tx.delete::<SecurityGroupRule>(&rule.key());
        tag::forget(tx, region, &rule.rule_id);
        let mut shape = RevokedSecurityGroupRule {
            security_group_rule_id: Some(rule.rule_id.clone()),
            group_id: Some(rule.group_id.clone()),
            is_egress: Some(rule.egress),
            ip_protocol: Some(rule.protocol.clone()),
            from_port: Some(rule.from_port),
            to_port: Some(rule.to_port),
            description: rule.description.clone(),
            ..RevokedSecurityGroupRule::default()
        };
        match &rule.peer {
            RulePeer::Ipv4(cidr) => shape.cidr_ipv4 = Some(cidr.to_string()),
            RulePeer::Ipv6(cidr) => shape.cidr_ipv6 = Some(cidr.clone()),
            RulePeer::PrefixList(id) => shape.prefix_list_id = Some(id.clone()),
            RulePeer::Group(id) => shape.referenced_group_id = Some(id.clone()),
        }
        revoked.push(shape);
    }
    revoked
}
