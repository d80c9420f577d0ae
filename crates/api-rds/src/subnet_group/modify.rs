//! ModifyDBSubnetGroup: other subnets of the same VPC; none that an instance is in may go.

use neargate_api::model::ec2::{self, NetworkInterface};
use neargate_api::model::rds::{DbInstance, SubnetGroup, key, prefix};
use neargate_api::types::rds::{
    ModifyDBSubnetGroupMessage, ModifyDBSubnetGroupResult, error as fault,
};
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::error;

pub async fn call(
    ctx: Ctx,
    input: ModifyDBSubnetGroupMessage,
) -> Result<ModifyDBSubnetGroupResult, AwsError> {
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let group = super::find(tx, &region, &input.db_subnet_group_name)?;
        if super::vpc_of(tx, &region, &input.subnet_ids)? != group.vpc_id {
            return Err(error::invalid_value(format!(
                "The subnets must be in the VPC of the group, {}.",
                group.vpc_id
            )));
        }
        if let Some(used) = used(tx, &group).into_iter().find(|id| !input.subnet_ids.contains(id)) {
            return Err(fault::subnet_already_in_use(format!(
                "The subnet {used} is in use by a DB instance and cannot be removed."
            )));
        }
        let changed = tx.update::<SubnetGroup>(&key(&region, &group.name), |group| {
            group.subnet_ids = input.subnet_ids;
            if let Some(description) = input.db_subnet_group_description {
                group.description = description;
            }
        });
        let shape = changed.map(|group| super::shape(tx, &group));
        Ok(ModifyDBSubnetGroupResult { db_subnet_group: shape })
    })
    .await
}

/// The subnets that instances of the group are in.
fn used(snapshot: &Snapshot, group: &SubnetGroup) -> Vec<String> {
    let members = snapshot
        .scan::<DbInstance>(&prefix(&group.region))
        .filter(|instance| instance.subnet_group == group.name);
    let subnet = |instance: &DbInstance| {
        let key = ec2::key(&group.region, &instance.interface_id);
        Some(snapshot.get::<NetworkInterface>(&key)?.subnet_id.clone())
    };
    members.filter_map(|instance| subnet(&instance)).collect()
}
