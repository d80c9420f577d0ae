//! "ECS Deployment State Change": how a service's deployments come on.
//! Source: "Amazon ECS service deployment state change events" in the developer guide.

use neargate_api::model::ecs::{Controller, Deployment, PastDeployment, RolloutState, Service};
use neargate_rules::event::Telling;
use serde_json::json;

use super::Change;

pub fn told(change: &Change<'_, Service>) -> Vec<Telling> {
    let Some(service) = change.after else { return Vec::new() };
    if service.controller != Controller::Ecs {
        return Vec::new();
    }
    let before = change.before.map_or(&[][..], |before| &before.deployments);
    let rollout_before = |id: &str| before.iter().find(|d| d.id == id).map(|d| d.rollout);
    let is_there = |id: &str| service.deployments.iter().any(|d| d.id == id);
    let gone = before.iter().filter(|d| d.rollout == RolloutState::InProgress && !is_there(&d.id));
    let mut told: Vec<Telling> = gone.filter_map(|d| failed(change, service, &d.id)).collect();
    // Newest first in the record: what failed is told before what follows from it.
    let deployments = service.deployments.iter().rev();
    let changed = deployments.filter(|d| rollout_before(&d.id) != Some(d.rollout));
    told.extend(changed.map(|deployment| one(service, deployment)));
    told
}

/// A deployment that failed without a task that runs is gone from the service in the same change,
/// and kept as it ended. One that was superseded ends without a word.
fn failed(change: &Change<'_, Service>, service: &Service, id: &str) -> Option<Telling> {
    let prefix = PastDeployment::prefix(&service.region, &service.cluster, &service.name);
    let past = change.snapshot.get::<PastDeployment>(&format!("{prefix}{id}"))?;
    (past.deployment.rollout == RolloutState::Failed).then(|| one(service, &past.deployment))
}

fn one(service: &Service, deployment: &Deployment) -> Telling {
    let (kind, name) = match deployment.rollout {
        RolloutState::InProgress => ("INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS"),
        RolloutState::Completed => ("INFO", "SERVICE_DEPLOYMENT_COMPLETED"),
        RolloutState::Failed => ("ERROR", "SERVICE_DEPLOYMENT_FAILED"),
    };
    let detail = json!({
        "eventType": kind,
        "eventName": name,
        "deploymentId": deployment.id,
        "updatedAt": deployment.updated_at.iso8601(),
        "reason": deployment.rollout_reason,
    });
    Telling::new("aws.ecs", "ECS Deployment State Change", service.arn.clone(), &detail)
}
