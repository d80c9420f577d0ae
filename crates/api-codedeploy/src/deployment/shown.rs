//! A deployment as AWS shows it.

use neargate_api::model::codedeploy::{Deployment, DeploymentStatus, Stage};
use neargate_api::types::codedeploy::{
    DeploymentInfo, DeploymentOverview, ErrorInformation, RollbackInfo,
};

/// The deployment at this moment.
pub fn shown(deployment: &Deployment) -> DeploymentInfo {
    let creator = if deployment.rolls_back.is_some() { "codeDeployRollback" } else { "user" };
    DeploymentInfo {
        deployment_id: Some(deployment.id.clone()),
        application_name: Some(deployment.application.clone()),
        deployment_group_name: Some(deployment.group.clone()),
        status: Some(deployment.status.as_str().into()),
        creator: Some(creator.into()),
        create_time: Some(deployment.created_at),
        start_time: deployment.started_at,
        complete_time: deployment.completed_at,
        error_information: deployment.failure.as_ref().map(|failure| ErrorInformation {
            code: Some(failure.code.clone()),
            message: Some(failure.message.clone()),
        }),
        deployment_overview: Some(overview(deployment.status)),
        instance_termination_wait_time_started: Some(deployment.stage == Stage::Terminate),
        rollback_info: rollback(deployment),
        ..deployment.shown.0.clone()
    }
}

/// Its one target, counted under its state.
fn overview(status: DeploymentStatus) -> DeploymentOverview {
    let one = |counts: bool| Some(i64::from(counts));
    use DeploymentStatus::{Created, Failed, InProgress, Ready, Stopped, Succeeded};
    DeploymentOverview {
        pending: one(status == Created),
        in_progress: one(status == InProgress),
        succeeded: one(status == Succeeded),
        failed: one(status == Failed),
        skipped: one(status == Stopped),
        ready: one(status == Ready),
    }
}

fn rollback(deployment: &Deployment) -> Option<RollbackInfo> {
    if let Some(id) = &deployment.rolled_back_by {
        return Some(RollbackInfo {
            rollback_deployment_id: Some(id.clone()),
            rollback_message: Some(format!(
                "The traffic goes back to the original task set by the deployment {id}."
            )),
            ..Default::default()
        });
    }
    deployment.rolls_back.as_ref().map(|id| RollbackInfo {
        rollback_triggering_deployment_id: Some(id.clone()),
        ..Default::default()
    })
}
