//! DeleteDBInstance: with a final snapshot unless it is waived. The database
//! loop stops the server and removes its data, and the interface with it.

use neargate_api::model::rds::{DbInstance, Status, key};
use neargate_api::types::rds::{DeleteDBInstanceMessage, DeleteDBInstanceResult, error as fault};
use neargate_api::{AwsError, Ctx, Tags};

use crate::{error, snapshot};

pub async fn call(
    ctx: Ctx,
    input: DeleteDBInstanceMessage,
) -> Result<DeleteDBInstanceResult, AwsError> {
    let skip = input.skip_final_snapshot == Some(true);
    if skip && input.final_db_snapshot_identifier.is_some() {
        return Err(error::invalid_combination(
            "FinalDBSnapshotIdentifier can not be specified when deleting a DB instance with SkipFinalSnapshot enabled.",
        ));
    }
    let at = ctx.clone();
    ctx.write(move |tx| {
        let instance = super::find(tx, &at.region, &input.db_instance_identifier)?;
        if instance.status == Status::Deleting {
            return Err(fault::invalid_db_instance_state_fault(format!(
                "Instance {} is already being deleted.",
                instance.identifier
            )));
        }
        if instance.settings.deletion_protection == Some(true) {
            return Err(error::invalid_combination(
                "Cannot delete protected DB Instance, please disable deletion protection and try again.",
            ));
        }
        let kept = match (&input.final_db_snapshot_identifier, skip) {
            (Some(name), _) if !instance.made => {
                return Err(fault::invalid_db_instance_state_fault(format!(
                    "Instance {} has no data yet to keep as {name}: delete it with SkipFinalSnapshot.",
                    instance.identifier
                )));
            }
            (Some(name), _) => {
                Some(snapshot::begin(&at, tx, &instance, name, Tags::new())?.identifier)
            }
            (None, true) => None,
            (None, false) => {
                return Err(error::invalid_combination(
                    "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
                ));
            }
        };
        let changed = tx.update::<DbInstance>(&key(&at.region, &instance.identifier), |instance| {
            instance.status = Status::Deleting;
            instance.final_snapshot = kept;
        });
        let shape = changed.map(|instance| super::shape(&at, tx, &instance));
        Ok(DeleteDBInstanceResult { db_instance: shape })
    })
    .await
}
