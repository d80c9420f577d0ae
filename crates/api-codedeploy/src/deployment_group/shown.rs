//! A deployment group as AWS shows it: what was given, and how its deployments went.

use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_api::model::codedeploy::{Deployment, DeploymentGroup, DeploymentStatus};
use neargate_api::types::codedeploy::{
    AutoScalingGroup, DeploymentGroupInfo, LastDeploymentInfo, RevisionLocation,
};

/// The group at this moment.
pub fn shown(snapshot: &Snapshot, group: &DeploymentGroup) -> DeploymentGroupInfo {
    let deployments = deployments(snapshot, group);
    let succeeded = deployments.iter().find(|d| d.status == DeploymentStatus::Succeeded);
    DeploymentGroupInfo {
        last_attempted_deployment: deployments.first().map(|d| last(d)),
        last_successful_deployment: succeeded.map(|d| last(d)),
        target_revision: succeeded.and_then(|d| d.shown.revision.clone()),
        ..group.shown.0.clone()
    }
}

/// What its last successful deployment has deployed.
pub fn last_revision(snapshot: &Snapshot, group: &DeploymentGroup) -> Option<RevisionLocation> {
    let deployments = deployments(snapshot, group);
    let last = deployments.iter().find(|d| d.status == DeploymentStatus::Succeeded)?;
    last.shown.revision.clone()
}

/// Its deployments, newest first.
pub fn deployments(snapshot: &Snapshot, group: &DeploymentGroup) -> Vec<Arc<Deployment>> {
    let mut found: Vec<_> = snapshot
        .scan::<Deployment>(&format!("{}/", group.region))
        .filter(|d| d.application == group.application && d.group == group.name)
        .collect();
    found.sort_by_key(|d| std::cmp::Reverse(d.created_at));
    found
}

fn last(deployment: &Deployment) -> LastDeploymentInfo {
    LastDeploymentInfo {
        deployment_id: Some(deployment.id.clone()),
        status: Some(deployment.status.as_str().into()),
        create_time: Some(deployment.created_at),
        end_time: deployment.completed_at,
    }
}

/// Groups of servers, which ECS has not: shown empty, refused otherwise.
pub fn auto_scaling_groups(given: Option<Vec<String>>) -> Vec<AutoScalingGroup> {
    let group = |name| AutoScalingGroup { name: Some(name), ..Default::default() };
    given.unwrap_or_default().into_iter().map(group).collect()
}
