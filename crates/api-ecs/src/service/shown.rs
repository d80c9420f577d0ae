//! A service as AWS shows it: what was given, and what its tasks make of it.

use std::sync::Arc;

use neargate_api::model::ecs::{Controller, Deployment, Service, ServiceStatus, Task, TaskStatus};
use neargate_api::types::ecs;
use neargate_api::{Snapshot, Stored};

use crate::tags;

/// The service at this moment; tags only where asked for.
pub fn shown(snapshot: &Snapshot, service: &Service, with_tags: bool) -> ecs::Service {
    let prefix = format!("{}/{}/", service.region, service.cluster);
    let tasks: Vec<Arc<Task>> = snapshot
        .scan::<Task>(&prefix)
        .filter(|t| {
            t.service.as_deref() == Some(service.name.as_str()) && t.status != TaskStatus::Stopped
        })
        .collect();
    let (running, pending) = count(tasks.iter());
    let deployments = service.deployments.iter().map(|d| deployment(service, d, &tasks)).collect();
    let events = service.events.iter().map(|event| ecs::ServiceEvent {
        id: Some(event.id.clone()),
        created_at: Some(event.at),
        message: Some(event.message.clone()),
    });
    let active = service.status == ServiceStatus::Active;
    ecs::Service {
        status: Some(service.status.as_str().into()),
        desired_count: Some(if active { service.desired_count as i32 } else { 0 }),
        running_count: Some(running),
        pending_count: Some(pending),
        task_definition: service
            .deployments
            .first()
            .map(|d| d.task_definition_arn.clone())
            .or_else(|| service.last_completed.as_ref().map(|d| d.task_definition_arn.clone())),
        deployments: Some(if service.controller == Controller::Ecs {
            deployments
        } else {
            Vec::new()
        }),
        task_sets: Some(Vec::new()).filter(|_| service.controller != Controller::Ecs),
        events: Some(events.collect()),
        tags: with_tags.then(|| tags::shown(&service.tags)),
        ..service.wire.0.clone()
    }
}

/// Running and pending tasks, as ECS counts them.
fn count<'a>(tasks: impl Iterator<Item = &'a Arc<Task>>) -> (i32, i32) {
    let (mut running, mut pending) = (0, 0);
    for task in tasks {
        match task.status {
            TaskStatus::Running => running += 1,
            TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => pending += 1,
            _ => {}
        }
    }
    (running, pending)
}

fn deployment(service: &Service, deployment: &Deployment, tasks: &[Arc<Task>]) -> ecs::Deployment {
    let (running, pending) =
        count(tasks.iter().filter(|t| t.deployment.as_deref() == Some(deployment.id.as_str())));
    let primary = service.primary().is_some_and(|primary| primary.id == deployment.id);
    let strategy = &deployment.capacity_provider_strategy;
    ecs::Deployment {
        id: Some(deployment.id.clone()),
        status: Some(deployment.status.as_str().into()),
        task_definition: Some(deployment.task_definition_arn.clone()),
        desired_count: Some(if primary { service.desired_count as i32 } else { 0 }),
        running_count: Some(running),
        pending_count: Some(pending),
        failed_tasks: Some(deployment.failed_tasks as i32),
        created_at: Some(deployment.created_at),
        updated_at: Some(deployment.updated_at),
        launch_type: deployment.launch_type.clone(),
        capacity_provider_strategy: Some(
            strategy.iter().map(|s: &Stored<_>| s.0.clone()).collect::<Vec<_>>(),
        )
        .filter(|s| !s.is_empty()),
        platform_version: Some(deployment.platform_version.clone()),
        platform_family: Some("Linux".into()),
        network_configuration: deployment.network.as_ref().map(|n| n.0.clone()),
        rollout_state: Some(deployment.rollout.as_str().into()),
        rollout_state_reason: Some(deployment.rollout_reason.clone()),
        ..Default::default()
    }
}
