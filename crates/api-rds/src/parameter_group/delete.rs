//! DeleteDBParameterGroup: one that no instance has.

use neargate_api::model::rds::{ParameterGroup, key};
use neargate_api::types::rds::{
    DeleteDBParameterGroupMessage, DeleteDBParameterGroupOutput, error as fault,
};
use neargate_api::{AwsError, Ctx};

pub async fn call(
    ctx: Ctx,
    input: DeleteDBParameterGroupMessage,
) -> Result<DeleteDBParameterGroupOutput, AwsError> {
    super::refuse_default(&input.db_parameter_group_name)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let group = super::find(&at, tx, &input.db_parameter_group_name)?;
        if !group.users(tx).is_empty() {
            return Err(fault::invalid_db_parameter_group_state_fault(format!(
                "One or more database instances are still members of this parameter group {}, so the group cannot be deleted",
                group.name
            )));
        }
        tx.delete::<ParameterGroup>(&key(&at.region, &group.name));
        Ok(DeleteDBParameterGroupOutput {})
    })
    .await
}
