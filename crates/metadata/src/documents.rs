//! The metadata documents of a task and of its containers.

use neargate_api::model::ec2::{self, NetworkInterface, Subnet};
use neargate_api::model::ecs::{Container, HealthStatus, Task, TaskDefinition, TaskStatus};
use neargate_api::types::ecs::ContainerDefinition;
use neargate_api::{Snapshot, Timestamp};
use serde_json::{Map, Value, json};

/// What the documents tell of.
pub struct View<'a> {
    pub task: &'a Task,
    pub definition: Option<&'a TaskDefinition>,
    pub snapshot: &'a Snapshot,
    pub now: Timestamp,
}

/// `/v4/ID/task`; with `tags`, `/v4/ID/taskWithTags`.
pub fn task(view: &View<'_>, tags: bool) -> Value {
    let task = view.task;
    let containers: Vec<Value> = task.containers.iter().map(|c| container(view, c)).collect();
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
        "ClockDrift": {
            "ClockErrorBound": 0.0,
            "ReferenceTimestamp": view.now.iso8601(),
            "ClockSynchronizationStatus": "SYNCHRONIZED",
        },
        "FaultInjectionEnabled": false,
    });
    let members = document.as_object_mut().expect("json! of an object");
    put(members, "PullStartedAt", task.pull_started_at.map(|t| t.iso8601()));
    put(members, "PullStoppedAt", task.pull_stopped_at.map(|t| t.iso8601()));
    put(members, "ExecutionStoppedAt", task.execution_stopped_at.map(|t| t.iso8601()));
    put(members, "ServiceName", task.service.clone());
    if tags && !task.tags.is_empty() {
        members.insert("TaskTags".into(), json!(task.tags));
    }
    document
}

/// `/v4/ID`.
pub fn container(view: &View<'_>, container: &Container) -> Value {
    let task = view.task;
    let own = view
        .definition
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
        "Limits": limits(container),
        "CreatedAt": task.created_at.iso8601(),
        "Type": "NORMAL",
        "ContainerARN": container.arn,
        "Networks": [network(task, view.snapshot)],
        "Snapshotter": "overlayfs",
    });
    let members = document.as_object_mut().expect("json! of an object");
    put(members, "StartedAt", container.started_at.map(|t| t.iso8601()));
    put(members, "FinishedAt", container.finished_at.map(|t| t.iso8601()));
    if own.is_some_and(|c| c.restart_policy.as_ref().is_some_and(|policy| policy.enabled)) {
        put(members, "RestartCount", Some(container.restarts));
    }
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

fn limits(container: &Container) -> Value {
    let mut limits = json!({ "CPU": container.cpu.max(2) });
    let members = limits.as_object_mut().expect("json! of an object");
    put(members, "Memory", container.memory);
    limits
}

/// The task's interface, as its containers see it.
fn network(task: &Task, snapshot: &Snapshot) -> Value {
    let mut network = json!({
        "NetworkMode": "awsvpc",
        "IPv4Addresses": task.private_ip.iter().collect::<Vec<_>>(),
        "AttachmentIndex": 0,
    });
    let members = network.as_object_mut().expect("json! of an object");
    let interface = task.interface_id.as_ref();
    let interface =
        interface.and_then(|id| snapshot.get::<NetworkInterface>(&ec2::key(&task.region, id)));
    let subnet = snapshot.get::<Subnet>(&ec2::key(&task.region, &task.placement.subnet_id));
    let (Some(interface), Some(subnet)) = (interface, subnet) else { return network };
    let router = subnet.cidr.nth(1).map(|ip| format!("{ip}/{}", subnet.cidr.prefix()));
    put(members, "MACAddress", Some(interface.mac_address.clone()));
    put(members, "IPv4SubnetCIDRBlock", Some(subnet.cidr.to_string()));
    put(members, "SubnetGatewayIpv4Address", router);
    put(members, "PrivateDNSName", Some(task.private_dns_name()));
    members.insert("DomainNameServers".into(), json!(["169.254.169.253"]));
    members.insert("DomainNameSearchList".into(), json!([task.private_domain()]));
    network
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
