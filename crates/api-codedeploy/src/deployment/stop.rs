//! StopDeployment: the loop ends it, and undoes it where that is asked for.

use neargate_api::model::codedeploy::Deployment;
use neargate_api::types::codedeploy::{StopDeploymentInput, StopDeploymentOutput, error};
use neargate_api::{AwsError, Ctx, Record};

use super::find;

pub async fn call(ctx: Ctx, input: StopDeploymentInput) -> Result<StopDeploymentOutput, AwsError> {
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let found = find(tx.view(), &region, &input.deployment_id)?;
        if found.status.is_final() {
            return Err(error::deployment_already_completed_exception(format!(
                "The deployment {} is already completed: {}",
                found.id,
                found.status.as_str()
            )));
        }
        if found.rolls_back.is_some() {
            return Err(error::unsupported_action_for_deployment_type_exception(
                "A rollback cannot be stopped.",
            ));
        }
        let roll_back = input.auto_rollback_enabled.unwrap_or(found.roll_back_on_request);
        tx.update::<Deployment>(&found.key(), |deployment| {
            deployment.stop_requested.get_or_insert(roll_back);
        });
        Ok(StopDeploymentOutput {
            status: Some("Pending".into()),
            status_message: Some("The deployment is being stopped.".into()),
        })
    })
    .await
}
