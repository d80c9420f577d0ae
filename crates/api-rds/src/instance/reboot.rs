//! RebootDBInstance: the server stops and starts, and every parameter of its group is in force.

use neargate_api::model::rds::{DbInstance, Status, key};
use neargate_api::types::rds::{RebootDBInstanceMessage, RebootDBInstanceResult};
use neargate_api::{AwsError, Ctx};

use crate::{error, parameter_group};

pub async fn call(
    ctx: Ctx,
    input: RebootDBInstanceMessage,
) -> Result<RebootDBInstanceResult, AwsError> {
    let at = ctx.clone();
    ctx.write(move |tx| {
        let found = super::find(tx, &at.region, &input.db_instance_identifier)?;
        super::needs(&found, &[Status::Available, Status::IncompatibleParameters])?;
        if input.force_failover == Some(true) {
            return Err(error::invalid_combination(
                "Failover cannot be forced: Neargate keeps no standby on its one machine.",
            ));
        }
        let group = parameter_group::find(&at, tx, &found.parameter_group)?;
        let changed = tx.update::<DbInstance>(&key(&at.region, &found.identifier), |instance| {
            instance.status = Status::Rebooting;
            instance.parameters = group.at_start();
        });
        let shape = changed.map(|instance| super::shape(&at, tx, &instance));
        Ok(RebootDBInstanceResult { db_instance: shape })
    })
    .await
}
