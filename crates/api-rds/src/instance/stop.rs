//! StopDBInstance: the server stops, its data stay.

use neargate_api::model::rds::{DbInstance, Status, key};
use neargate_api::types::rds::{StopDBInstanceMessage, StopDBInstanceResult};
use neargate_api::{AwsError, Ctx};

use crate::error;

pub async fn call(
    ctx: Ctx,
    input: StopDBInstanceMessage,
) -> Result<StopDBInstanceResult, AwsError> {
    if input.db_snapshot_identifier.is_some() {
        return Err(error::unsupported("DBSnapshotIdentifier", "call CreateDBSnapshot first."));
    }
    let at = ctx.clone();
    ctx.write(move |tx| {
        let found = super::find(tx, &at.region, &input.db_instance_identifier)?;
        super::needs(&found, &[Status::Available])?;
        let changed = tx.update::<DbInstance>(&key(&at.region, &found.identifier), |instance| {
            instance.status = Status::Stopping;
        });
        let shape = changed.map(|instance| super::shape(&at, tx, &instance));
        Ok(StopDBInstanceResult { db_instance: shape })
    })
    .await
}
