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
        task_sets: (service.controller != Controller::Ecs)
            .then(|| service.deployments.iter().map(|d| task_set(service, d, &tasks)).collect()),
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

/// The task set that a deployment of CodeDeploy's is.
fn task_set(service: &Service, deployment: &Deployment, tasks: &[Arc<Task>]) -> ecs::TaskSet {
    let as_deployment = self::deployment(service, deployment, tasks);
    let set = deployment.task_set.as_ref();
    let draining = set.is_some_and(|set| set.draining);
    let stable = set.is_some_and(|set| set.stable);
    let external_id = set.and_then(|set| set.external_id.clone());
    ecs::TaskSet {
        id: Some(deployment.id.clone()),
        task_set_arn: Some(arn(service, deployment)),
        service_arn: Some(service.arn.clone()),
        cluster_arn: service.wire.cluster_arn.clone(),
        started_by: external_id.as_ref().map(|_| "CODE_DEPLOY".into()),
        external_id,
        status: Some(if draining { "DRAINING" } else { deployment.status.as_str() }.into()),
        task_definition: as_deployment.task_definition,
        computed_desired_count: Some(service.computed_desired_count(deployment) as i32),
        pending_count: as_deployment.pending_count,
        running_count: as_deployment.running_count,
        created_at: as_deployment.created_at,
        updated_at: as_deployment.updated_at,
        launch_type: as_deployment.launch_type,
        capacity_provider_strategy: as_deployment.capacity_provider_strategy,
        platform_version: as_deployment.platform_version,
        platform_family: as_deployment.platform_family,
        network_configuration: as_deployment.network_configuration,
        load_balancers: Some(service.load_balancers_of(deployment).into_iter().cloned().collect()),
        service_registries: Some(Vec::new()),
        scale: Some(ecs::Scale {
            value: Some(if draining { 0.0 } else { 100.0 }),
            unit: Some("PERCENT".into()),
        }),
        stability_status: Some(if stable { "STEADY_STATE" } else { "STABILIZING" }.into()),
        stability_status_at: set.map(|set| set.stable_at),
        tags: Some(Vec::new()),
        ..Default::default()
    }
}

/// `arn:…:task-set/CLUSTER/SERVICE/ecs-svc/N`.
fn arn(service: &Service, deployment: &Deployment) -> String {
    format!("{}/{}", service.arn.replacen(":service/", ":task-set/", 1), deployment.id)
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
