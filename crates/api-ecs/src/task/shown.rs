//! A task as AWS shows it.

use neargate_api::Snapshot;
use neargate_api::model::ec2::{self, NetworkInterface};
use neargate_api::model::ecs::{Task, TaskStatus};
use neargate_api::types::ecs::{self, Attachment, KeyValuePair};

use crate::tags;

/// The task at this moment; tags only where asked for.
pub fn shown(snapshot: &Snapshot, task: &Task, with_tags: bool) -> ecs::Task {
    let desired = if task.is_wanted() { "RUNNING" } else { "STOPPED" };
    let connected = matches!(
        task.status,
        TaskStatus::Activating | TaskStatus::Running | TaskStatus::Deactivating
    );
    ecs::Task {
        task_arn: Some(task.arn.clone()),
        task_definition_arn: Some(task.task_definition_arn.clone()),
        last_status: Some(task.status.as_str().into()),
        desired_status: Some(desired.into()),
        health_status: Some(task.health().as_str().into()),
        connectivity: connected.then(|| "CONNECTED".into()),
        connectivity_at: task.pull_started_at.filter(|_| connected),
        containers: Some(task.containers.iter().map(|c| container(task, c)).collect()),
        attachments: Some(attachment(snapshot, task).into_iter().collect()),
        created_at: Some(task.created_at),
        pull_started_at: task.pull_started_at,
        pull_stopped_at: task.pull_stopped_at,
        started_at: task.started_at,
        stopping_at: task.stopping_at,
        execution_stopped_at: task.execution_stopped_at,
        stopped_at: task.stopped_at,
        stop_code: task.stop.as_ref().map(|s| s.code.as_str().into()),
        stopped_reason: task.stop.as_ref().map(|s| s.reason.clone()),
        version: Some(task.version),
        tags: Some(if with_tags { tags::shown(&task.tags) } else { Vec::new() }),
        attributes: Some(vec![ecs::Attribute {
            name: "ecs.cpu-architecture".into(),
            value: Some(std::env::consts::ARCH.into()),
            ..Default::default()
        }]),
        ..task.wire.0.clone()
    }
}

fn container(task: &Task, container: &neargate_api::model::ecs::Container) -> ecs::Container {
    let interface = task.private_ip.clone().map(|ip| ecs::NetworkInterface {
        attachment_id: task.interface_id.as_deref().map(attachment_id),
        private_ipv4_address: Some(ip),
        ipv6_address: None,
    });
    ecs::Container {
        container_arn: Some(container.arn.clone()),
        task_arn: Some(task.arn.clone()),
        name: Some(container.name.clone()),
        image: Some(container.image.clone()),
        image_digest: container.image_digest.clone(),
        runtime_id: Some(container.runtime_id.clone()),
        last_status: Some(container.status.as_str().into()),
        exit_code: container.exit_code,
        reason: container.reason.clone(),
        health_status: Some(container.health.map_or("UNKNOWN", |h| h.as_str()).into()),
        cpu: Some(container.cpu.to_string()),
        memory: container.memory.map(|m| m.to_string()),
        memory_reservation: container.memory_reservation.map(|m| m.to_string()),
        network_bindings: Some(Vec::new()),
        network_interfaces: Some(interface.into_iter().collect()),
        managed_agents: exec_agent(task, container),
        ..Default::default()
    }
}

/// What runs the commands of ECS Exec, where that is enabled: here, Neargate itself.
fn exec_agent(
    task: &Task,
    container: &neargate_api::model::ecs::Container,
) -> Option<Vec<ecs::ManagedAgent>> {
    let is_enabled = task.wire.enable_execute_command == Some(true);
    is_enabled.then(|| {
        vec![ecs::ManagedAgent {
            last_started_at: container.started_at,
            name: Some("ExecuteCommandAgent".into()),
            reason: None,
            last_status: Some(container.status.as_str().into()),
        }]
    })
}

/// The attachment of an interface has a UUID of its own: here, one made of the interface's id.
fn attachment_id(interface_id: &str) -> String {
    let hex: String = interface_id.trim_start_matches("eni-").chars().cycle().take(32).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn attachment(snapshot: &Snapshot, task: &Task) -> Option<Attachment> {
    let interface_id = task.interface_id.as_ref()?;
    let interface = snapshot.get::<NetworkInterface>(&ec2::key(&task.region, interface_id));
    let detail =
        |name: &str, value: String| KeyValuePair { name: Some(name.into()), value: Some(value) };
    let mut details = vec![
        detail("subnetId", task.placement.subnet_id.clone()),
        detail("networkInterfaceId", interface_id.clone()),
    ];
    if let Some(interface) = &interface {
        details.push(detail("macAddress", interface.mac_address.clone()));
    }
    if let Some(ip) = &task.private_ip {
        details.push(detail("privateIPv4Address", ip.clone()));
    }
    Some(Attachment {
        id: Some(attachment_id(interface_id)),
        r#type: Some("ElasticNetworkInterface".into()),
        status: Some(if interface.is_some() { "ATTACHED" } else { "DELETED" }.into()),
        details: Some(details),
    })
}
