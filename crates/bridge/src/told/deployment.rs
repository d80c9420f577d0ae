//! "ECS Deployment State Change": how a service's deployments come on.
//! Source: "Amazon ECS service deployment state change events" in the developer guide.

use neargate_api::model::ecs::{Controller, Deployment, RolloutState, Service};
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
    // Newest first in the record: what failed is told before what follows from it.
    let deployments = service.deployments.iter().rev();
    deployments
        .filter(|deployment| rollout_before(&deployment.id) != Some(deployment.rollout))
        .map(|deployment| one(service, deployment))
        .collect()
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
