//! StopServiceDeployment: the deployment that is under way shall stop; the scheduler fails it,
//! and, where that is asked for, brings the last one back that completed.

use neargate_api::model::ecs::{DeploymentStatus, DeploymentStop, RolloutState, Service};
use neargate_api::types::ecs::{
    StopServiceDeploymentRequest, StopServiceDeploymentResponse, error,
};
use neargate_api::{AwsError, Ctx, Record};

use super::{all, arn, service_in};

pub async fn call(
    ctx: Ctx,
    input: StopServiceDeploymentRequest,
) -> Result<StopServiceDeploymentResponse, AwsError> {
    let wanted = input.service_deployment_arn;
    let missing = || error::service_deployment_not_found_exception("Service deployment not found.");
    let snapshot = ctx.snapshot();
    let found = service_in(&ctx, &snapshot, &wanted).ok_or_else(missing)?;
    let deployment = all(&snapshot, &found).into_iter().find(|d| arn(&ctx, &found, d) == wanted);
    let id = deployment.ok_or_else(missing)?.id;
    let stop = match input.stop_type.as_deref() {
        Some("ABORT") => DeploymentStop::Abort,
        _ => DeploymentStop::Rollback,
    };
    let key = found.key();
    let ended =
        || error::conflict_exception("The service deployment has ended: there is nothing to stop.");
    ctx.write(move |tx| {
        let service = tx.get::<Service>(&key).ok_or_else(missing)?;
        let under_way = service.deployments.iter().any(|d| {
            d.id == id
                && d.rollout == RolloutState::InProgress
                && d.status == DeploymentStatus::Primary
                && d.task_set.is_none()
        });
        let is_rollback =
            service.primary().is_some_and(|primary| primary.monitors.is_rollback);
        let completed = service.last_completed.as_ref().is_some_and(|last| last.id != id);
        if !under_way {
            return Err(ended());
        }
        if stop == DeploymentStop::Rollback && !completed {
            return Err(error::conflict_exception(
                "The service has no deployment that completed, to which this one could be rolled back.",
            ));
        }
        if stop == DeploymentStop::Rollback && is_rollback {
            return Err(error::conflict_exception(
                "The service deployment is a rollback: there is nothing to roll it back to. Stop it with ABORT.",
            ));
        }
        tx.update::<Service>(&key, |service| {
            let stopped = service.deployments.iter_mut().filter(|d| d.id == id);
            stopped.for_each(|d| d.monitors.stop = Some(stop));
        });
        Ok(())
    })
    .await?;
    Ok(StopServiceDeploymentResponse { service_deployment_arn: Some(wanted) })
}
