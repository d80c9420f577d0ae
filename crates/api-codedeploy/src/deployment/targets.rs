//! The target of a deployment: one service, its lifecycle events and its two task sets.

use neargate_api::model::codedeploy::{Deployment, DeploymentStatus, TaskSetSeen};
use neargate_api::model::elbv2::TargetGroup;
use neargate_api::types::codedeploy::{
    BatchGetDeploymentTargetsInput, BatchGetDeploymentTargetsOutput, DeploymentTarget, ECSTarget,
    ECSTaskSet, GetDeploymentTargetInput, GetDeploymentTargetOutput, ListDeploymentTargetsInput,
    ListDeploymentTargetsOutput, TargetGroupInfo, error,
};
use neargate_api::{AwsError, Ctx, Snapshot};

use super::find;

/// Targets that one call may ask for.
const BATCH_LIMIT: usize = 25;

fn target_id(deployment: &Deployment) -> String {
    format!("{}:{}", deployment.cluster, deployment.service)
}

fn missing(id: &str) -> AwsError {
    error::deployment_target_does_not_exist_exception(format!(
        "The deployment target {id} could not be found"
    ))
}

pub async fn get(
    ctx: Ctx,
    input: GetDeploymentTargetInput,
) -> Result<GetDeploymentTargetOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let found = find(&snapshot, &ctx.region, &input.deployment_id)?;
    if input.target_id != target_id(&found) {
        return Err(missing(&input.target_id));
    }
    Ok(GetDeploymentTargetOutput { deployment_target: Some(shown(&ctx, &snapshot, &found)) })
}

pub async fn batch(
    ctx: Ctx,
    input: BatchGetDeploymentTargetsInput,
) -> Result<BatchGetDeploymentTargetsOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let found = find(&snapshot, &ctx.region, &input.deployment_id)?;
    if input.target_ids.len() > BATCH_LIMIT {
        return Err(error::deployment_target_list_size_exceeded_exception(format!(
            "At most {BATCH_LIMIT} targets can be asked for in one call."
        )));
    }
    if let Some(other) = input.target_ids.iter().find(|id| **id != target_id(&found)) {
        return Err(missing(other));
    }
    let targets = input.target_ids.iter().map(|_| shown(&ctx, &snapshot, &found));
    Ok(BatchGetDeploymentTargetsOutput { deployment_targets: Some(targets.collect()) })
}

pub async fn list(
    ctx: Ctx,
    input: ListDeploymentTargetsInput,
) -> Result<ListDeploymentTargetsOutput, AwsError> {
    let found = find(&ctx.snapshot(), &ctx.region, &input.deployment_id)?;
    let statuses = input.target_filters.as_ref().and_then(|filters| filters.get("TargetStatus"));
    let asked = statuses.is_none_or(|all| all.iter().any(|s| s == status(found.status)));
    let ids = asked.then(|| target_id(&found));
    Ok(ListDeploymentTargetsOutput {
        target_ids: Some(ids.into_iter().collect()),
        next_token: None,
    })
}

fn status(of: DeploymentStatus) -> &'static str {
    match of {
        DeploymentStatus::Created => "Pending",
        DeploymentStatus::InProgress => "InProgress",
        DeploymentStatus::Ready => "Ready",
        DeploymentStatus::Succeeded => "Succeeded",
        DeploymentStatus::Failed => "Failed",
        DeploymentStatus::Stopped => "Skipped",
    }
}

fn shown(ctx: &Ctx, snapshot: &Snapshot, deployment: &Deployment) -> DeploymentTarget {
    let service = format!("service/{}/{}", deployment.cluster, deployment.service);
    let weight = deployment.replacement_weight;
    let original =
        deployment.original.as_ref().map(|set| task_set(snapshot, set, "Blue", 100 - weight));
    let replacement =
        deployment.replacement.as_ref().map(|set| task_set(snapshot, set, "Green", weight));
    DeploymentTarget {
        deployment_target_type: Some("ECSTarget".into()),
        ecs_target: Some(ECSTarget {
            deployment_id: Some(deployment.id.clone()),
            target_id: Some(target_id(deployment)),
            target_arn: Some(ctx.arn("ecs", service)),
            last_updated_at: Some(deployment.updated_at),
            lifecycle_events: Some(deployment.events.iter().map(|e| e.0.clone()).collect()),
            status: Some(status(deployment.status).into()),
            task_sets_info: Some(original.into_iter().chain(replacement).collect()),
        }),
        ..Default::default()
    }
}

fn task_set(snapshot: &Snapshot, set: &TaskSetSeen, label: &str, weight: u32) -> ECSTaskSet {
    let group = snapshot.get::<TargetGroup>(&set.target_group);
    ECSTaskSet {
        identifer: Some(set.id.clone()),
        desired_count: Some(set.desired_count.into()),
        pending_count: Some(set.pending_count.into()),
        running_count: Some(set.running_count.into()),
        status: Some(set.status.clone()),
        traffic_weight: Some(weight.into()),
        target_group: group.map(|group| TargetGroupInfo { name: Some(group.name.clone()) }),
        task_set_label: Some(label.into()),
    }
}
