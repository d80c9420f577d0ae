//! ContinueDeployment: ends the wait before the shift, or the one before the original
//! task set goes.

use neargate_api::model::codedeploy::{Deployment, DeploymentStatus, Stage};
use neargate_api::types::codedeploy::{ContinueDeploymentInput, ContinueDeploymentOutput, error};
use neargate_api::{AwsError, Ctx, Record};

use super::find;

pub async fn call(
    ctx: Ctx,
    input: ContinueDeploymentInput,
) -> Result<ContinueDeploymentOutput, AwsError> {
    let id = input.deployment_id.ok_or_else(|| {
        error::deployment_id_required_exception("The deployment ID was not specified.")
    })?;
    let ends_termination = match input.deployment_wait_type.as_deref() {
        None | Some("READY_WAIT") => false,
        Some("TERMINATION_WAIT") => true,
        Some(other) => {
            return Err(error::invalid_deployment_wait_type_exception(format!(
                "The deployment wait type {other} is invalid: it must be READY_WAIT or TERMINATION_WAIT."
            )));
        }
    };
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let found = find(tx.view(), &region, &id)?;
        if found.status.is_final() {
            return Err(error::deployment_already_completed_exception(format!(
                "The deployment {id} is already completed: {}",
                found.status.as_str()
            )));
        }
        let waits = match ends_termination {
            true => found.stage == Stage::Terminate,
            false => found.status == DeploymentStatus::Ready,
        };
        if !waits {
            return Err(error::deployment_is_not_in_ready_state_exception(format!(
                "The deployment {id} does not wait for this: its status is {}.",
                found.status.as_str()
            )));
        }
        tx.update::<Deployment>(&found.key(), |deployment| match ends_termination {
            true => deployment.terminate_now = true,
            false => deployment.go_on = true,
        });
        Ok(ContinueDeploymentOutput {})
    })
    .await
}
