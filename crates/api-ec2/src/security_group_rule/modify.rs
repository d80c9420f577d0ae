//! ModifySecurityGroupRules: gives rules other traffic, another peer or another
//! description under the same ids.

use neargate_api::model::ec2::{RulePeer, SecurityGroup, SecurityGroupRule, rules_of};
use neargate_api::types::ec2::{
    ModifySecurityGroupRulesRequest, ModifySecurityGroupRulesResult, SecurityGroupRuleRequest,
};
use neargate_api::{AwsError, Ctx, Snapshot};

use super::permission::{check_description, group_of, ipv4, ipv6, list_of, traffic};
use crate::error::{self, dry_run};
use crate::resource::Resource;
use crate::resource::{find, find_rule};

pub async fn call(
    ctx: Ctx,
    input: ModifySecurityGroupRulesRequest,
) -> Result<ModifySecurityGroupRulesResult, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let group = find::<SecurityGroup>(tx, &region, &input.group_id)?;
        for update in input.security_group_rules {
            let id = update.security_group_rule_id;
            let old = find_rule(tx, &region, &id)?;
            if old.group_id != group.group_id {
                return Err(SecurityGroupRule::not_found(&id));
            }
            let Some(asked) = update.security_group_rule else {
                return Err(error::missing("SecurityGroupRule"));
            };
            let new = changed(tx, &group, &old, asked)?;
            let same = rules_of(tx, &region, &group.group_id)
                .any(|other| other.rule_id != id && other.allows_same(&new));
            if same {
                return Err(error::of(
                    "InvalidPermission.Duplicate",
                    "The specified rule already exists in this security group.",
                ));
            }
            tx.put(new);
        }
        Ok(ModifySecurityGroupRulesResult { r#return: Some(true) })
    })
    .await
}

fn changed(
    snapshot: &Snapshot,
    group: &SecurityGroup,
    old: &SecurityGroupRule,
    asked: SecurityGroupRuleRequest,
) -> Result<SecurityGroupRule, AwsError> {
    let peer = match (
        &asked.cidr_ipv4,
        &asked.cidr_ipv6,
        asked.prefix_list_id,
        &asked.referenced_group_id,
    ) {
        (Some(text), None, None, None) => ipv4(text)?,
        (None, Some(text), None, None) => ipv6(text)?,
        (None, None, Some(id), None) => list_of(&group.region, id)?,
        (None, None, None, Some(id)) => group_of(snapshot, group, id)?,
        (None, None, None, None) => old.peer.clone(),
        _ => return Err(error::combination("Only one source or destination can be specified")),
    };
    let same_kind = std::mem::discriminant::<RulePeer>(&peer) == std::mem::discriminant(&old.peer);
    if !same_kind {
        let message = "You may not modify the type of source or destination of a rule.";
        return Err(error::invalid(message));
    }
    let (protocol, from_port, to_port) =
        traffic(asked.ip_protocol.as_deref(), asked.from_port, asked.to_port)?;
    let description = asked.description.filter(|text| !text.is_empty());
    check_description(description.as_deref())?;
    Ok(SecurityGroupRule { protocol, from_port, to_port, peer, description, ..old.clone() })
}
