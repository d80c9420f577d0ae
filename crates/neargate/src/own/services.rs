//! `/_neargate/services`: the services and what their scheduler makes of them, in
//! one document: deployments with their count of failed tasks, tasks, targets with
//! their health, events, and what is waited for. `neargate status` prints it.
//!
//! `/_neargate/services/NAME` or `…/CLUSTER/NAME` is the one of that name alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::model::ecs::{Deployment, Service, ServiceStatus, Task, TaskStatus, TaskTarget};
use neargate_api::model::elbv2::Target;
use neargate_api::{Snapshot, Timestamp};
use neargate_plan::service::breaker_threshold;
use serde_json::{Value, json};

pub type TasksByService = BTreeMap<String, Vec<Arc<Task>>>;

/// The document of all services, or of those that `wanted` names. `waits_for` is what the
/// service loop has noted, each line with its service's key first.
pub fn document(
    snapshot: &Snapshot,
    waits_for: &[String],
    wanted: Option<&str>,
    now: Timestamp,
) -> Result<Value, String> {
    let chosen = chosen(snapshot, wanted)?;
    let (tasks, single) = tasks_by_service(snapshot);
    let services: Vec<_> =
        chosen.iter().map(|service| shown(snapshot, service, &tasks, waits_for)).collect();
    let single: Vec<_> = single.iter().filter(|_| wanted.is_none()).collect();
    let single: Vec<_> = newest_first(single).map(|task| self::task(snapshot, task)).collect();
    Ok(json!({ "at": now.iso8601(), "services": services, "tasks": single }))
}

/// The services that there are, or those that `wanted` names.
pub fn chosen(snapshot: &Snapshot, wanted: Option<&str>) -> Result<Vec<Arc<Service>>, String> {
    let is_there = |service: &Arc<Service>| service.status != ServiceStatus::Inactive;
    let all: Vec<_> = snapshot.all::<Service>().filter(is_there).collect();
    let Some(name) = wanted else { return Ok(all) };
    let chosen: Vec<_> = all.iter().filter(|service| is_named(service, name)).cloned().collect();
    if chosen.is_empty() { Err(unknown(name, &all)) } else { Ok(chosen) }
}

/// The tasks of each service, by its key, and those of none.
pub fn tasks_by_service(snapshot: &Snapshot) -> (TasksByService, Vec<Arc<Task>>) {
    let mut tasks = TasksByService::new();
    let mut single = Vec::new();
    for task in snapshot.all::<Task>() {
        match &task.service {
            Some(name) => {
                let key = Service::key_of(&task.region, &task.cluster, name);
                tasks.entry(key).or_default().push(task);
            }
            None => single.push(task),
        }
    }
    (tasks, single)
}

/// Whether `reference` means it: a name, `CLUSTER/NAME` or the ARN.
pub fn is_named(service: &Service, reference: &str) -> bool {
    reference == service.name
        || reference == service.arn
        || reference.split_once('/') == Some((service.cluster.as_str(), service.name.as_str()))
}

/// What is told of a service that is not there: which ones are.
pub fn unknown(reference: &str, all: &[Arc<Service>]) -> String {
    let there: Vec<_> = all.iter().map(|s| format!("{}/{}", s.cluster, s.name)).collect();
    match there.is_empty() {
        true => format!("there is no service {reference}: there are no services at all"),
        false => format!("there is no service {reference}; there are: {}", there.join(", ")),
    }
}

/// A service, and all that is known of it.
pub fn shown(
    snapshot: &Snapshot,
    service: &Service,
    tasks: &TasksByService,
    waits_for: &[String],
) -> Value {
    let key = Service::key_of(&service.region, &service.cluster, &service.name);
    let tasks = tasks.get(&key).map(Vec::as_slice).unwrap_or_default();
    let (running, pending) = count(tasks.iter());
    let prefix = format!("{key}: ");
    let waits_for: Vec<_> =
        waits_for.iter().filter_map(|line| line.strip_prefix(&prefix)).collect();
    let events: Vec<_> = service
        .events
        .iter()
        .map(|event| json!({ "id": event.id, "at": event.at.iso8601(), "message": event.message }))
        .collect();
    json!({
        "region": service.region,
        "cluster": service.cluster,
        "name": service.name,
        "arn": service.arn,
        "status": service.status.as_str(),
        "desiredCount": service.desired_count,
        "runningCount": running,
        "pendingCount": pending,
        "deployments": service.deployments.iter().map(|d| deployment(service, d, tasks)).collect::<Vec<_>>(),
        "tasks": newest_first(tasks.iter()).map(|task| self::task(snapshot, task)).collect::<Vec<_>>(),
        "events": events,
        "waitsFor": waits_for,
    })
}

fn deployment(service: &Service, deployment: &Deployment, tasks: &[Arc<Task>]) -> Value {
    let own = |task: &&Arc<Task>| task.deployment.as_deref() == Some(deployment.id.as_str());
    let (running, pending) = count(tasks.iter().filter(own));
    let breaker = service.circuit_breaker();
    let threshold = breaker.map(|breaker| breaker_threshold(breaker, service.desired_count));
    let is_primary = service.primary().is_some_and(|primary| primary.id == deployment.id);
    let desired_count = match &deployment.task_set {
        Some(_) => service.computed_desired_count(deployment),
        None if is_primary => service.desired_count,
        None => 0,
    };
    json!({
        "id": deployment.id,
        "status": deployment.status.as_str(),
        "taskDefinition": short(&deployment.task_definition_arn),
        "rolloutState": deployment.rollout.as_str(),
        "rolloutStateReason": deployment.rollout_reason,
        "desiredCount": desired_count,
        "runningCount": running,
        "pendingCount": pending,
        "failedTasks": deployment.failed_tasks,
        "failureThreshold": threshold,
        "nextLaunchAt": deployment.next_launch_at.max(deployment.next_placement_at).map(Timestamp::iso8601),
        "createdAt": deployment.created_at.iso8601(),
        "updatedAt": deployment.updated_at.iso8601(),
    })
}

fn task(snapshot: &Snapshot, task: &Task) -> Value {
    let containers: Vec<_> = task
        .containers
        .iter()
        .map(|container| {
            json!({
                "name": container.name,
                "status": container.status.as_str(),
                "health": container.health.map(|health| health.as_str()),
                "exitCode": container.exit_code,
                "reason": container.reason,
            })
        })
        .collect();
    let targets: Vec<_> =
        task.targets.iter().map(|target| self::target(snapshot, task, target)).collect();
    json!({
        "id": task.id,
        "cluster": task.cluster,
        "status": task.status.as_str(),
        "desiredStatus": if task.is_wanted() { "RUNNING" } else { "STOPPED" },
        "health": task.health().as_str(),
        "taskDefinition": short(&task.task_definition_arn),
        "deployment": task.deployment,
        "capacityProvider": task.wire.capacity_provider_name,
        "availabilityZone": task.placement.availability_zone,
        "address": task.private_ip,
        "since": since(task).iso8601(),
        "stopCode": task.stop.as_ref().map(|stop| stop.code.as_str()),
        "stoppedReason": task.stop.as_ref().map(|stop| stop.reason.as_str()),
        "containers": containers,
        "targets": targets,
    })
}

fn target(snapshot: &Snapshot, task: &Task, target: &TaskTarget) -> Value {
    let ip = task.private_ip.as_deref().unwrap_or_default();
    let key = Target::key_of(&target.target_group_arn, ip, target.port);
    let found = snapshot.get::<Target>(&key);
    let found = found.as_deref();
    json!({
        "targetGroup": group_name(&target.target_group_arn),
        "port": target.port,
        "state": found.map_or("not registered", |target| target.state.as_str()),
        "reason": found.and_then(|target| target.reason.as_deref()),
        "description": found.and_then(|target| target.description.as_deref()),
    })
}

/// Since when a task is in its state.
fn since(task: &Task) -> Timestamp {
    let at = match task.status {
        TaskStatus::Running => task.started_at,
        TaskStatus::Deactivating | TaskStatus::Stopping => task.stopping_at,
        TaskStatus::Deprovisioning => task.execution_stopped_at,
        TaskStatus::Stopped => task.stopped_at,
        TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => None,
    };
    at.unwrap_or(task.created_at)
}

/// Those that live first, then the stopped ones; the newest of each first.
fn newest_first<'a>(
    tasks: impl IntoIterator<Item = &'a Arc<Task>>,
) -> impl Iterator<Item = &'a Arc<Task>> {
    let mut tasks: Vec<_> = tasks.into_iter().collect();
    tasks.sort_by_key(|task| (task.status == TaskStatus::Stopped, -since(task).millis()));
    tasks.into_iter()
}

/// Running and pending tasks, as ECS counts them.
fn count<'a>(tasks: impl Iterator<Item = &'a Arc<Task>>) -> (usize, usize) {
    let (mut running, mut pending) = (0, 0);
    for task in tasks {
        match task.status {
            TaskStatus::Running => running += 1,
            status if status < TaskStatus::Running => pending += 1,
            _ => {}
        }
    }
    (running, pending)
}

/// `family:revision` of a task definition's ARN.
fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The name in `arn:…:targetgroup/NAME/ID`.
fn group_name(arn: &str) -> &str {
    arn.rsplit('/').nth(1).unwrap_or(arn)
}

#[cfg(test)]
mod tests;
