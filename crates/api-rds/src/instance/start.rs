//! StartDBInstance: one that was stopped runs again, with its group's parameters.

use neargate_api::model::rds::{DbInstance, Status, key};
use neargate_api::types::rds::{StartDBInstanceMessage, StartDBInstanceResult};
use neargate_api::{AwsError, Ctx};

use crate::parameter_group;

pub async fn call(
    ctx: Ctx,
    input: StartDBInstanceMessage,
) -> Result<StartDBInstanceResult, AwsError> {
    let at = ctx.clone();
    ctx.write(move |tx| {
        let found = super::find(tx, &at.region, &input.db_instance_identifier)?;
        super::needs(&found, &[Status::Stopped])?;
        let group = parameter_group::find(&at, tx, &found.parameter_group)?;
        let changed = tx.update::<DbInstance>(&key(&at.region, &found.identifier), |instance| {
            instance.status = Status::Starting;
            instance.parameters = group.at_start();
        });
        let shape = changed.map(|instance| super::shape(&at, tx, &instance));
        Ok(StartDBInstanceResult { db_instance: shape })
    })
    .await
}
