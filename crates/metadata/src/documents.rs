//! The metadata documents of a task and of its containers.

use neargate_api::model::ecs::{
    Container, ContainerStatus, HealthStatus, Task, TaskDefinition, TaskStatus,
};
use neargate_api::types::ecs::ContainerDefinition;
use serde_json::{Map, Value, json};

/// `/v4/ID/task`; with `tags`, `/v4/ID/taskWithTags`.
pub fn task(task: &Task, definition: Option<&TaskDefinition>, tags: bool) -> Value {
    let containers: Vec<Value> =
        task.containers.iter().map(|c| container(task, definition, c)).collect();
    let cpu = task.wire.cpu.as_deref().and_then(|c| c.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0;
    let memory = task.wire.memory.as_deref().and_then(|m| m.parse::<u64>().ok()).unwrap_or(0);
    let (family, revision) = family(task);
    let mut document = json!({
        "Cluster": task.wire.cluster_arn,
        "TaskARN": task.arn,
        "Family": family,
        "Revision": revision,
        "DesiredStatus": if task.stop.is_some() { "STOPPED" } else { "RUNNING" },
        "KnownStatus": known(task.status),
        "Limits": { "CPU": cpu, "Memory": memory },
        "AvailabilityZone": task.placement.availability_zone,
        "LaunchType": "FARGATE",
        "Containers": containers,
    });
    let members = document.as_object_mut().expect("json! of an object");
    put(members, "PullStartedAt", task.pull_started_at.map(|t| t.iso8601()));
    put(members, "PullStoppedAt", task.pull_stopped_at.map(|t| t.iso8601()));
    put(members, "ServiceName", task.service.clone());
    if tags {
        members.insert("TaskTags".into(), json!(task.tags));
    }
    document
}

/// `/v4/ID`.
pub fn container(task: &Task, definition: Option<&TaskDefinition>, container: &Container) -> Value {
    let own = definition
        .and_then(|d| d.containers().iter().find(|c| c.name.as_deref() == Some(&container.name)));
    let mut document = json!({
        "DockerId": container.runtime_id,
        "Name": container.name,
        "DockerName": container.name,
        "Image": container.image,
        "ImageID": container.image_digest,
        "Labels": labels(task, own, &container.name),
        "DesiredStatus": if task.stop.is_some() { "STOPPED" } else { "RUNNING" },
        "KnownStatus": container.status.as_str(),
        "Limits": { "CPU": container.cpu, "Memory": container.memory },
        "CreatedAt": task.created_at.iso8601(),
        "Type": "NORMAL",
        "ContainerARN": container.arn,
        "Networks": [{
            "NetworkMode": "awsvpc",
            "IPv4Addresses": task.private_ip.iter().collect::<Vec<_>>(),
            "AttachmentIndex": 0,
        }],
        "Snapshotter": "overlayfs",
    });
    let members = document.as_object_mut().expect("json! of an object");
    put(
        members,
        "StartedAt",
        task.pull_stopped_at
            .filter(|_| container.status != ContainerStatus::Pending)
            .map(|t| t.iso8601()),
    );
    put(members, "ExitCode", container.exit_code);
    if let Some(health) = container.health.filter(|h| *h != HealthStatus::Unknown) {
        members.insert("Health".into(), json!({ "status": health.as_str() }));
    }
    if let Some(log) = own.and_then(|c| c.log_configuration.as_ref()) {
        members.insert("LogDriver".into(), json!(log.log_driver));
        members.insert("LogOptions".into(), json!(log.options));
    }
    document
}

fn put<T: Into<Value>>(members: &mut Map<String, Value>, name: &str, value: Option<T>) {
    if let Some(value) = value {
        members.insert(name.into(), value.into());
    }
}

fn labels(task: &Task, own: Option<&ContainerDefinition>, name: &str) -> Value {
    let (family, revision) = family(task);
    let mut labels = Map::new();
    for (key, value) in own.iter().filter_map(|c| c.docker_labels.as_ref()).flatten() {
        labels.insert(key.clone(), json!(value));
    }
    labels.insert("com.amazonaws.ecs.cluster".into(), json!(task.wire.cluster_arn));
    labels.insert("com.amazonaws.ecs.container-name".into(), json!(name));
    labels.insert("com.amazonaws.ecs.task-arn".into(), json!(task.arn));
    labels.insert("com.amazonaws.ecs.task-definition-family".into(), json!(family));
    labels.insert("com.amazonaws.ecs.task-definition-version".into(), json!(revision));
    Value::Object(labels)
}

fn family(task: &Task) -> (&str, &str) {
    let name = task.task_definition_arn.rsplit('/').next().unwrap_or_default();
    name.split_once(':').unwrap_or((name, ""))
}

/// The agent knows fewer states than the service.
fn known(status: TaskStatus) -> &'static str {
    match status {
        TaskStatus::Provisioning | TaskStatus::Pending => "PENDING",
        TaskStatus::Activating | TaskStatus::Running => "RUNNING",
        _ => "STOPPED",
    }
}
