//! What a task finds at 169.254.170.2: metadata versions 3 and 4, statistics, and
//! the credentials of its role. The request's source address is the task: nobody
//! can ask for another's. Documents are pure; serving them is the program's.
//! Source: "Amazon ECS task metadata endpoint version 4 for Fargate" in the ECS
//! developer guide, and aws/amazon-ecs-agent.

mod credentials;
mod documents;
mod statistics;

use std::net::IpAddr;
use std::sync::Arc;

use documents::View;
use http::StatusCode;
use neargate_api::model::ecs::{Task, TaskDefinition, TaskStatus};
use neargate_api::{Cloud, Snapshot};
use neargate_runtime::TaskStats;
use serde_json::{Value, json};

/// An answer: a status and a JSON document.
pub type Answer = (StatusCode, Value);

/// The task behind an address of a VPC.
pub fn task_at(snapshot: &Snapshot, vpc_id: &str, source: IpAddr) -> Option<Arc<Task>> {
    let ip = source.to_string();
    snapshot.all::<Task>().find(|task| {
        task.placement.vpc_id == vpc_id
            && task.private_ip.as_deref() == Some(ip.as_str())
            && task.status != TaskStatus::Stopped
    })
}

/// Answers `path` for the task that asks. `statistics` looks at what it uses now.
pub fn answer(
    cloud: &Cloud,
    task: &Task,
    path: &str,
    statistics: impl FnOnce() -> Option<TaskStats>,
) -> Answer {
    let snapshot = cloud.store.snapshot();
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let container = |id: &str| task.containers.iter().find(|c| c.runtime_id == id);
    let definition = TaskDefinition::key_in(&task.region, &task.task_definition_arn)
        .and_then(|key| snapshot.get::<TaskDefinition>(&key));
    let now = cloud.clock.now();
    let view = View { task, definition: definition.as_deref(), snapshot: &snapshot, now };
    match parts[..] {
        ["v2", "credentials", id] if id == task.id => credentials::answer(cloud, &snapshot, task),
        ["v3" | "v4", id] => match container(id) {
            Some(container) => ok(documents::container(&view, container)),
            None => unknown(id),
        },
        ["v3" | "v4", id, what] if container(id).is_some() => match what {
            "task" => ok(documents::task(&view, false)),
            "taskWithTags" => ok(documents::task(&view, true)),
            "stats" => match (container(id), statistics()) {
                (Some(container), Some(stats)) => ok(statistics::container(&stats, container, now)),
                _ => not_yet(),
            },
            _ => missing(path),
        },
        ["v3" | "v4", id, "task", "stats"] if container(id).is_some() => match statistics() {
            Some(stats) => ok(statistics::task(&stats, task, now)),
            None => not_yet(),
        },
        ["v3" | "v4", id, ..] => unknown(id),
        _ => missing(path),
    }
}

fn ok(document: Value) -> Answer {
    (StatusCode::OK, document)
}

fn unknown(id: &str) -> Answer {
    (
        StatusCode::NOT_FOUND,
        json!(format!(
            "V4 container metadata handler: unable to get container ID from request: unable to get docker ID from v3 endpoint ID: {id}"
        )),
    )
}

fn not_yet() -> Answer {
    (StatusCode::NOT_FOUND, json!("V4 stats handler: unable to get stats: the task does not run"))
}

fn missing(path: &str) -> Answer {
    (StatusCode::NOT_FOUND, json!(format!("{path} is no page of the task metadata endpoint")))
}
