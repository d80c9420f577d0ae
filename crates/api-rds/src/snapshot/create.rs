//! CreateDBSnapshot: of an instance that is available; it is backing up meanwhile.

use neargate_api::model::rds::{DbInstance, Status, key};
use neargate_api::types::rds::{CreateDBSnapshotMessage, CreateDBSnapshotResult};
use neargate_api::{AwsError, Ctx};

use crate::{instance, tag};

pub async fn call(
    ctx: Ctx,
    input: CreateDBSnapshotMessage,
) -> Result<CreateDBSnapshotResult, AwsError> {
    let tags = tag::read(input.tags)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let found = instance::find(tx, &at.region, &input.db_instance_identifier)?;
        instance::needs(&found, &[Status::Available])?;
        let snapshot = super::begin(&at, tx, &found, &input.db_snapshot_identifier, tags)?;
        tx.update::<DbInstance>(&key(&at.region, &found.identifier), |instance| {
            instance.status = Status::BackingUp;
        });
        Ok(CreateDBSnapshotResult { db_snapshot: Some(super::shape(&snapshot)) })
    })
    .await
}
