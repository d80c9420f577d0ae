//! DeleteDBSubnetGroup: one that no instance is in.

use neargate_api::model::rds::{DbInstance, SubnetGroup, key, prefix};
use neargate_api::types::rds::{
    DeleteDBSubnetGroupMessage, DeleteDBSubnetGroupOutput, error as fault,
};
use neargate_api::{AwsError, Ctx};

pub async fn call(
    ctx: Ctx,
    input: DeleteDBSubnetGroupMessage,
) -> Result<DeleteDBSubnetGroupOutput, AwsError> {
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let group = super::find(tx, &region, &input.db_subnet_group_name)?;
        let user = tx.scan::<DbInstance>(&prefix(&region)).find(|i| i.subnet_group == group.name);
        if let Some(user) = user {
            return Err(fault::invalid_db_subnet_group_state_fault(format!(
                "Cannot delete the subnet group '{}' because at least one database instance: {} is still using it.",
                group.name, user.identifier
            )));
        }
        tx.delete::<SubnetGroup>(&key(&region, &group.name));
        Ok(DeleteDBSubnetGroupOutput {})
    })
    .await
}
