//! DeleteSecurityGroup: takes a group away, once no interface is in it and no
//! other group's rule names it.

use neargate_api::model::ec2::{
    NetworkInterface, RulePeer, SecurityGroup, SecurityGroupRule, VpcEndpoint, rules_of,
};
use neargate_api::types::ec2::{DeleteSecurityGroupRequest, DeleteSecurityGroupResult};
use neargate_api::{AwsError, Ctx, Record, Snapshot};

use crate::error::{self, dry_run};
use crate::resource::all;
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: DeleteSecurityGroupRequest,
) -> Result<DeleteSecurityGroupResult, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let (id, name) = (input.group_id.as_deref(), input.group_name.as_deref());
        let group = super::chosen(tx, &region, id, name)?;
        let id = group.group_id.as_str();
        if group.name == "default" {
            let message = format!(
                "the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"
            );
            return Err(error::of("CannotDelete", message));
        }
        if is_used(tx, &region, id) {
            return Err(error::dependency(format!("resource {id} has a dependent object")));
        }
        let rules: Vec<_> = rules_of(tx, &region, id).collect();
        for rule in rules {
            tx.delete::<SecurityGroupRule>(&rule.key());
            tag::forget(tx, &region, &rule.rule_id);
        }
        tx.delete::<SecurityGroup>(&group.key());
        tag::forget(tx, &region, id);
        Ok(DeleteSecurityGroupResult { group_id: Some(id.into()), r#return: Some(true) })
    })
    .await
}

fn is_used(snapshot: &Snapshot, region: &str, id: &str) -> bool {
    let named = RulePeer::Group(id.into());
    all::<NetworkInterface>(snapshot, region)
        .any(|interface| interface.security_group_ids.iter().any(|group| group == id))
        || all::<VpcEndpoint>(snapshot, region)
            .any(|endpoint| endpoint.security_group_ids.iter().any(|group| group == id))
        || all::<SecurityGroupRule>(snapshot, region)
            .any(|rule| rule.group_id != id && rule.peer == named)
}
