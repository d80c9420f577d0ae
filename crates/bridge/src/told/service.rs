//! "ECS Service Action": of what the scheduler says in a service's events, that
//! which AWS sends too. It goes by an event's kind, never by its words.
//! Source: "Amazon ECS service action events" and "Track Amazon ECS Availability Zone
//! rebalancing" in the developer guide.

use std::collections::BTreeSet;

use neargate_api::model::ecs::{Event, EventKind, Service, Task};
use neargate_api::{Arn, Snapshot};
use neargate_rules::event::Telling;
use serde_json::{Value, json};

use super::Change;

pub fn told(change: &Change<'_, Service>) -> Vec<Telling> {
    let Some(service) = change.after else { return Vec::new() };
    let new = new_events(change).into_iter();
    new.filter_map(|event| action(change.snapshot, service, event)).collect()
}

/// What the scheduler has said in this change, in its order.
fn new_events<'a>(change: &Change<'a, Service>) -> Vec<&'a Event> {
    let Some(service) = change.after else { return Vec::new() };
    let before: BTreeSet<&str> = change
        .before
        .map(|before| before.events.iter().map(|event| event.id.as_str()).collect())
        .unwrap_or_default();
    // Newest first in the record.
    let new = service.events.iter().take_while(|event| !before.contains(event.id.as_str()));
    let mut new: Vec<&Event> = new.collect();
    new.reverse();
    new
}

fn action(snapshot: &Snapshot, service: &Service, event: &Event) -> Option<Telling> {
    let (level, name) = named(event)?;
    let mut detail = json!({
        "eventType": level,
        "eventName": name,
        "clusterArn": arn(service, format!("cluster/{}", service.cluster)),
        "createdAt": event.at.iso8601(),
    });
    match &event.kind {
        EventKind::PlacementFailed(reason) | EventKind::ConfigurationFailed(reason) => {
            detail["reason"] = reason.clone().into();
            let providers = capacity_providers(service);
            if !providers.is_empty() {
                detail["capacityProviderArns"] = providers.into();
            }
        }
        EventKind::TasksStopped(ids) | EventKind::RebalancingTasksStarted(ids) => {
            detail["taskArns"] = tasks(snapshot, service, ids).into();
        }
        EventKind::TaskSetSteadyState(id) | EventKind::ScaleInProtected(id) => {
            detail["taskSetArns"] = json!([task_set(service, id)]);
        }
        _ => {}
    }
    Some(Telling::new("aws.ecs", "ECS Service Action", service.arn.clone(), &detail))
}

/// The type and name of what an event tells; `None` for what AWS sends no event of.
fn named(event: &Event) -> Option<(&'static str, &'static str)> {
    match event.kind {
        EventKind::Plain => None,
        EventKind::SteadyState => Some(("INFO", "SERVICE_STEADY_STATE")),
        EventKind::TaskSetSteadyState(_) => Some(("INFO", "TASKSET_STEADY_STATE")),
        EventKind::TasksStopped(_) => Some(("INFO", "TASKS_STOPPED")),
        EventKind::RebalancingTasksStarted(_) => Some(("INFO", "TASKS_STARTED")),
        EventKind::RebalancingStarted => Some(("INFO", "SERVICE_REBALANCING_STARTED")),
        EventKind::RebalancingCompleted => Some(("INFO", "SERVICE_REBALANCING_COMPLETED")),
        EventKind::RebalancingStopped => Some(("INFO", "SERVICE_REBALANCING_STOPPED")),
        EventKind::ScaleInProtected(_) => {
            Some(("INFO", "TASKSET_SCALE_IN_FAILURE_BY_TASK_PROTECTION"))
        }
        EventKind::StartImpaired => Some(("WARN", "SERVICE_TASK_START_IMPAIRED")),
        EventKind::PlacementFailed(_) => Some(("ERROR", "SERVICE_TASK_PLACEMENT_FAILURE")),
        EventKind::ConfigurationFailed(_) => Some(("ERROR", "SERVICE_TASK_CONFIGURATION_FAILURE")),
    }
}

fn capacity_providers(service: &Service) -> Vec<Value> {
    let items = service.primary().map_or(&[][..], |primary| &primary.capacity_provider_strategy);
    let named = |name: &str| arn(service, format!("capacity-provider/{name}")).into();
    items.iter().map(|item| named(&item.capacity_provider)).collect()
}

/// The ARNs of these tasks.
fn tasks(snapshot: &Snapshot, service: &Service, ids: &[String]) -> Vec<String> {
    let arn_of = |id: &String| {
        let key = Task::key_of(&service.region, &service.cluster, id);
        match snapshot.get::<Task>(&key) {
            Some(task) => task.arn.clone(),
            None => arn(service, format!("task/{}/{id}", service.cluster)),
        }
    };
    ids.iter().map(arn_of).collect()
}

fn task_set(service: &Service, id: &str) -> String {
    arn(service, format!("task-set/{}/{}/{id}", service.cluster, service.name))
}

/// The ARN of something beside the service.
fn arn(service: &Service, resource: String) -> String {
    match service.arn.parse::<Arn>() {
        Ok(arn) => Arn { resource, ..arn }.to_string(),
        Err(_) => resource,
    }
}
