//! DeleteDBSnapshot: the database loop removes its data.

use neargate_api::model::rds::{DbSnapshot, SnapshotStatus, key};
use neargate_api::types::rds::{DeleteDBSnapshotMessage, DeleteDBSnapshotResult, error as fault};
use neargate_api::{AwsError, Ctx};

pub async fn call(
    ctx: Ctx,
    input: DeleteDBSnapshotMessage,
) -> Result<DeleteDBSnapshotResult, AwsError> {
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let snapshot = super::find(tx, &region, &input.db_snapshot_identifier)?;
        if snapshot.status != SnapshotStatus::Available {
            return Err(fault::invalid_db_snapshot_state_fault(format!(
                "Cannot delete the snapshot because it is not currently in the available state: {} is {}.",
                snapshot.identifier,
                snapshot.status.as_str()
            )));
        }
        let deleted = tx.update::<DbSnapshot>(&key(&region, &snapshot.identifier), |snapshot| {
            snapshot.status = SnapshotStatus::Deleted;
        });
        Ok(DeleteDBSnapshotResult { db_snapshot: deleted.map(|snapshot| super::shape(&snapshot)) })
    })
    .await
}
