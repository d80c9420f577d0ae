//! UpdateSecurityGroupRuleDescriptionsIngress and …Egress: other descriptions
//! for rules, which are told by what they allow or by their ids.

use neargate_api::model::ec2::{SecurityGroup, SecurityGroupRule, rules_of};
use neargate_api::types::ec2::{
    IpPermission, SecurityGroupRuleDescription, UpdateSecurityGroupRuleDescriptionsEgressRequest,
    UpdateSecurityGroupRuleDescriptionsEgressResult,
    UpdateSecurityGroupRuleDescriptionsIngressRequest,
    UpdateSecurityGroupRuleDescriptionsIngressResult,
};
use neargate_api::{AwsError, Ctx, Record, Tx};

use super::permission::{Flat, check_description, read};
use crate::error::{self, dry_run};
use crate::resource::Resource;
use crate::security_group;

pub async fn ingress(
    ctx: Ctx,
    input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
) -> Result<UpdateSecurityGroupRuleDescriptionsIngressResult, AwsError> {
    dry_run(input.dry_run)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let (id, name) = (input.group_id.as_deref(), input.group_name.as_deref());
        let group = security_group::chosen(tx, &at.region, id, name)?;
        let by_id = input.security_group_rule_descriptions;
        describe(tx, &at, &group, false, input.ip_permissions, by_id)?;
        Ok(UpdateSecurityGroupRuleDescriptionsIngressResult { r#return: Some(true) })
    })
    .await
}

pub async fn egress(
    ctx: Ctx,
    input: UpdateSecurityGroupRuleDescriptionsEgressRequest,
) -> Result<UpdateSecurityGroupRuleDescriptionsEgressResult, AwsError> {
    dry_run(input.dry_run)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let (id, name) = (input.group_id.as_deref(), input.group_name.as_deref());
        let group = security_group::chosen(tx, &at.region, id, name)?;
        let by_id = input.security_group_rule_descriptions;
        describe(tx, &at, &group, true, input.ip_permissions, by_id)?;
        Ok(UpdateSecurityGroupRuleDescriptionsEgressResult { r#return: Some(true) })
    })
    .await
}

fn describe(
    tx: &mut Tx,
    ctx: &Ctx,
    group: &SecurityGroup,
    egress: bool,
    permissions: Option<Vec<IpPermission>>,
    by_id: Option<Vec<SecurityGroupRuleDescription>>,
) -> Result<(), AwsError> {
    let rules: Vec<_> =
        rules_of(tx, &ctx.region, &group.group_id).filter(|rule| rule.egress == egress).collect();
    let mut changes: Vec<(String, Option<String>)> = Vec::new();
    if let Some(by_id) = by_id.filter(|by_id| !by_id.is_empty()) {
        for wanted in by_id {
            let id = wanted.security_group_rule_id.unwrap_or_default();
            let rule = rules.iter().find(|rule| rule.rule_id == id);
            let rule = rule.ok_or_else(|| SecurityGroupRule::not_found(&id))?;
            check_description(wanted.description.as_deref())?;
            changes.push((rule.key(), wanted.description));
        }
    } else {
        for wanted in read(ctx, tx, group, permissions, Flat::default())? {
            let rule = rules.iter().find(|rule| {
                (&rule.protocol, rule.from_port, rule.to_port, &rule.peer)
                    == (&wanted.protocol, wanted.from_port, wanted.to_port, &wanted.peer)
            });
            let rule = rule.ok_or_else(|| {
                error::of(
                    "InvalidPermission.NotFound",
                    "The specified rule does not exist in this security group.",
                )
            })?;
            changes.push((rule.key(), wanted.description));
        }
    }
    for (key, description) in changes {
        tx.update::<SecurityGroupRule>(&key, |rule| {
            rule.description = description.filter(|text| !text.is_empty());
        });
    }
    Ok(())
}
