//! "ECS Service Action": of what the scheduler says in a service's events, that
//! which AWS sends too.
//! Source: "Amazon ECS service action events" in the developer guide.

use std::collections::BTreeSet;

use neargate_api::model::ecs::{Event, Service, Task};
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
pub fn new_events<'a>(change: &Change<'a, Service>) -> Vec<&'a Event> {
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
    let message = event.message.as_str();
    let (kind, name) = named(message)?;
    let mut detail = json!({
        "eventType": kind,
        "eventName": name,
        "clusterArn": arn(service, format!("cluster/{}", service.cluster)),
        "createdAt": event.at.iso8601(),
    });
    match name {
        "SERVICE_TASK_PLACEMENT_FAILURE" | "SERVICE_TASK_CONFIGURATION_FAILURE" => {
            detail["reason"] = reason(message).into();
            let providers = capacity_providers(service);
            if !providers.is_empty() {
                detail["capacityProviderArns"] = providers.into();
            }
        }
        "TASKS_STOPPED" => detail["taskArns"] = tasks_in(snapshot, service, message).into(),
        "TASKSET_STEADY_STATE" => {
            detail["taskSetArns"] = task_set_in(service, message).into_iter().collect();
        }
        _ => {}
    }
    Some(Telling::new("aws.ecs", "ECS Service Action", service.arn.clone(), &detail))
}

/// The type and name of what a message tells; `None` for what AWS sends no event of.
fn named(message: &str) -> Option<(&'static str, &'static str)> {
    let says = |text: &str| message.contains(text);
    if says("has reached a steady state") {
        return Some(match says(", taskSet ") {
            true => ("INFO", "TASKSET_STEADY_STATE"),
            false => ("INFO", "SERVICE_STEADY_STATE"),
        });
    }
    if says("has stopped ") && says(" running tasks") {
        return Some(("INFO", "TASKS_STOPPED"));
    }
    if says("is unable to consistently start tasks successfully") {
        return Some(("WARN", "SERVICE_TASK_START_IMPAIRED"));
    }
    if says("was unable to place a task") {
        return Some(match says("Reason: ") {
            true => ("ERROR", "SERVICE_TASK_PLACEMENT_FAILURE"),
            false => ("ERROR", "SERVICE_TASK_CONFIGURATION_FAILURE"),
        });
    }
    None
}

/// Why a task could not be placed. A want of capacity has a code of its own.
fn reason(message: &str) -> String {
    if message.contains("Capacity is unavailable") {
        return "RESOURCE:FARGATE".to_owned();
    }
    let said = message.split_once("Reason: ").or_else(|| message.split_once("a task: "));
    said.map_or(message, |(_, why)| why).trim_end_matches('.').to_owned()
}

fn capacity_providers(service: &Service) -> Vec<Value> {
    let items = service.primary().map_or(&[][..], |primary| &primary.capacity_provider_strategy);
    let named = |name: &str| arn(service, format!("capacity-provider/{name}")).into();
    items.iter().map(|item| named(&item.capacity_provider)).collect()
}

/// The ARNs of the tasks that a message names: `(task ID)`.
fn tasks_in(snapshot: &Snapshot, service: &Service, message: &str) -> Vec<String> {
    let ids = message.split("(task ").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    ids.map(|id| {
        let key = Task::key_of(&service.region, &service.cluster, id);
        match snapshot.get::<Task>(&key) {
            Some(task) => task.arn.clone(),
            None => arn(service, format!("task/{}/{id}", service.cluster)),
        }
    })
    .collect()
}

fn task_set_in(service: &Service, message: &str) -> Option<String> {
    let id = message.split_once(", taskSet ")?.1.split_once(')')?.0;
    Some(arn(service, format!("task-set/{}/{}/{id}", service.cluster, service.name)))
}

/// The ARN of something beside the service.
fn arn(service: &Service, resource: String) -> String {
    match service.arn.parse::<Arn>() {
        Ok(arn) => Arn { resource, ..arn }.to_string(),
        Err(_) => resource,
    }
}
