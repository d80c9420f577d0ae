//! "ECS Deployment State Change": how a service's deployments come on.
//! Source: "Amazon ECS service deployment state change events" in the developer guide.

use neargate_api::Timestamp;
use neargate_api::model::ecs::{Controller, Deployment, RolloutState, Service};
use neargate_rules::event::Telling;
use serde_json::json;

use super::Change;
use super::service::new_events;

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

/// A deployment that failed without a task that runs is gone from the record in the same change:
/// what the scheduler has said is what there is of it. One that was superseded said nothing.
fn failed(change: &Change<'_, Service>, service: &Service, id: &str) -> Option<Telling> {
    let said = new_events(change);
    let of_it = format!("(deployment {id}) deployment ");
    let (event, end) =
        said.iter().find_map(|event| Some((event, event.message.split_once(&of_it)?.1)))?;
    let mut reason = match end {
        "failed: tasks failed to start." => {
            "ECS deployment circuit breaker: tasks failed to start.".to_owned()
        }
        end => format!("ECS deployment {end}"),
    };
    let back = said.iter().find_map(|e| e.message.split_once("rolling back to deployment "));
    if let Some((_, target)) = back {
        reason.push_str(&format!(" Rolling back to deploymentId: {target}"));
    }
    Some(telling(service, RolloutState::Failed, id, event.at, &reason))
}

fn one(service: &Service, deployment: &Deployment) -> Telling {
    let Deployment { id, rollout, rollout_reason, updated_at, .. } = deployment;
    telling(service, *rollout, id, *updated_at, rollout_reason)
}

fn telling(
    service: &Service,
    rollout: RolloutState,
    id: &str,
    at: Timestamp,
    reason: &str,
) -> Telling {
    let (kind, name) = match rollout {
        RolloutState::InProgress => ("INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS"),
        RolloutState::Completed => ("INFO", "SERVICE_DEPLOYMENT_COMPLETED"),
        RolloutState::Failed => ("ERROR", "SERVICE_DEPLOYMENT_FAILED"),
    };
    let detail = json!({
        "eventType": kind,
        "eventName": name,
        "deploymentId": id,
        "updatedAt": at.iso8601(),
        "reason": reason,
    });
    Telling::new("aws.ecs", "ECS Deployment State Change", service.arn.clone(), &detail)
}
