//! Service deployments: the same deployments under their newer names and ARNs, those among
//! them that have no tasks any more.

pub mod stop;

use std::sync::Arc;

use neargate_api::model::ecs::{
    Deployment, DeploymentStatus, DeploymentStop, PastDeployment, RolloutState, Service, Task,
    TaskStatus,
};
use neargate_api::types::ecs::{
    DescribeServiceDeploymentsRequest, DescribeServiceDeploymentsResponse,
    ListServiceDeploymentsRequest, ListServiceDeploymentsResponse, Rollback, ServiceDeployment,
    ServiceDeploymentAlarms, ServiceDeploymentBrief, ServiceDeploymentCircuitBreaker,
    ServiceRevisionSummary,
};
use neargate_api::{Arn, AwsError, Ctx, Snapshot};
use neargate_plan::service::breaker_threshold;

use super::{find, not_found, revisions};
use crate::{cluster, failure};

/// `service-deployment/CLUSTER/SERVICE/ID`.
fn arn(ctx: &Ctx, service: &Service, deployment: &Deployment) -> String {
    let id = deployment.id.trim_start_matches("ecs-svc/");
    ctx.arn("ecs", format!("service-deployment/{}/{}/{id}", service.cluster, service.name))
}

/// All deployments of a service that are known, newest first.
pub fn all(snapshot: &Snapshot, service: &Service) -> Vec<Deployment> {
    let prefix = PastDeployment::prefix(&service.region, &service.cluster, &service.name);
    let present = |id: &str| service.deployments.iter().any(|deployment| deployment.id == id);
    let past = snapshot.scan::<PastDeployment>(&prefix).map(|past| past.deployment.clone());
    let mut all = service.deployments.clone();
    all.extend(past.filter(|past| !present(&past.id)));
    all.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
    all
}

/// The service that an ARN of one of its deployments names.
fn service_in(ctx: &Ctx, snapshot: &Snapshot, reference: &str) -> Option<Arc<Service>> {
    let resource = reference.parse::<Arn>().map(|arn| arn.resource).unwrap_or_default();
    match resource.split('/').collect::<Vec<_>>()[..] {
        ["service-deployment", cluster, name, _] => find(ctx, snapshot, cluster, name),
        _ => None,
    }
}

/// Where it stands, in the words of service deployments.
fn status(service: &Service, deployment: &Deployment) -> &'static str {
    if let Some(rollback) = &deployment.monitors.rollback {
        return match rollback.has_succeeded {
            None => "ROLLBACK_IN_PROGRESS",
            Some(true) => "ROLLBACK_SUCCESSFUL",
            Some(false) => "ROLLBACK_FAILED",
        };
    }
    let wanted = deployment.status == DeploymentStatus::Primary
        && service.deployments.iter().any(|d| d.id == deployment.id);
    match (deployment.rollout, deployment.monitors.stop) {
        (RolloutState::Completed, _) => "SUCCESSFUL",
        (RolloutState::Failed, _) => "STOPPED",
        // A newer one has come before it was complete.
        (RolloutState::InProgress, _) if !wanted => "STOPPED",
        (RolloutState::InProgress, Some(DeploymentStop::Abort)) => "STOP_REQUESTED",
        (RolloutState::InProgress, Some(DeploymentStop::Rollback)) => "ROLLBACK_REQUESTED",
        (RolloutState::InProgress, None) => "IN_PROGRESS",
    }
}

fn status_reason(service: &Service, deployment: &Deployment) -> String {
    let superseded =
        status(service, deployment) == "STOPPED" && deployment.rollout == RolloutState::InProgress;
    match superseded {
        true => "The deployment was replaced by a newer one.".into(),
        false => deployment.rollout_reason.clone(),
    }
}

pub async fn list(
    ctx: Ctx,
    input: ListServiceDeploymentsRequest,
) -> Result<ListServiceDeploymentsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let cluster = cluster::find(&ctx, &snapshot, input.cluster.as_deref())?;
    let service = find(&ctx, &snapshot, &cluster.name, &input.service).ok_or_else(not_found)?;
    let asked = |d: &&Deployment| {
        input.status.as_ref().is_none_or(|all| all.iter().any(|s| s == status(&service, d)))
    };
    let all = all(&snapshot, &service);
    let briefs = all.iter().filter(asked).map(|d| ServiceDeploymentBrief {
        cluster_arn: Some(cluster.arn.clone()),
        service_arn: Some(service.arn.clone()),
        service_deployment_arn: Some(arn(&ctx, &service, d)),
        target_service_revision_arn: Some(revisions::arn(&ctx, &service, d)),
        status: Some(status(&service, d).into()),
        status_reason: Some(status_reason(&service, d)),
        created_at: Some(d.created_at),
        started_at: Some(d.created_at),
        finished_at: (d.rollout != RolloutState::InProgress).then_some(d.updated_at),
    });
    Ok(ListServiceDeploymentsResponse {
        service_deployments: Some(briefs.collect()),
        next_token: None,
    })
}

pub async fn describe(
    ctx: Ctx,
    input: DescribeServiceDeploymentsRequest,
) -> Result<DescribeServiceDeploymentsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for wanted in input.service_deployment_arns {
        let service = service_in(&ctx, &snapshot, &wanted);
        let shown = service.as_ref().and_then(|service| {
            let all = all(&snapshot, service);
            let deployment = all.iter().find(|d| arn(&ctx, service, d) == wanted)?;
            Some(whole(&ctx, &snapshot, service, deployment))
        });
        match shown {
            Some(shown) => found.push(shown),
            None => failures.push(failure::missing(wanted)),
        }
    }
    Ok(DescribeServiceDeploymentsResponse {
        service_deployments: Some(found),
        failures: Some(failures),
    })
}

fn whole(
    ctx: &Ctx,
    snapshot: &Snapshot,
    service: &Service,
    deployment: &Deployment,
) -> ServiceDeployment {
    let ended = deployment.rollout != RolloutState::InProgress;
    let status = status(service, deployment);
    let others = service.deployments.iter().filter(|d| d.id != deployment.id);
    ServiceDeployment {
        cluster_arn: service.wire.cluster_arn.clone(),
        service_arn: Some(service.arn.clone()),
        service_deployment_arn: Some(arn(ctx, service, deployment)),
        status: Some(status.into()),
        status_reason: Some(status_reason(service, deployment)),
        created_at: Some(deployment.created_at),
        started_at: Some(deployment.created_at),
        updated_at: Some(deployment.updated_at),
        finished_at: ended.then_some(deployment.updated_at),
        stopped_at: (status == "STOPPED").then_some(deployment.updated_at),
        deployment_configuration: service.wire.deployment_configuration.clone(),
        source_service_revisions: Some(
            others.map(|d| summary(ctx, snapshot, service, d, 0)).collect(),
        ),
        target_service_revision: Some(summary(
            ctx,
            snapshot,
            service,
            deployment,
            service.desired_count,
        )),
        rollback: deployment.monitors.rollback.as_ref().map(|rollback| Rollback {
            reason: Some(rollback.reason.clone()),
            started_at: Some(rollback.started_at),
            service_revision_arn: Some(revisions::arn_of(ctx, service, &rollback.to)),
        }),
        deployment_circuit_breaker: Some(circuit_breaker(service, deployment)),
        alarms: Some(alarms(service, deployment)),
        ..Default::default()
    }
}

fn summary(
    ctx: &Ctx,
    snapshot: &Snapshot,
    service: &Service,
    deployment: &Deployment,
    requested: u32,
) -> ServiceRevisionSummary {
    let prefix = Task::key_of(&service.region, &service.cluster, "");
    let of = |task: &Arc<Task>| task.deployment.as_ref() == Some(&deployment.id);
    let tasks: Vec<_> = snapshot.scan::<Task>(&prefix).filter(of).collect();
    let count = |wanted: fn(TaskStatus) -> bool| {
        Some(tasks.iter().filter(|task| wanted(task.status)).count() as i32)
    };
    ServiceRevisionSummary {
        arn: Some(revisions::arn(ctx, service, deployment)),
        requested_task_count: Some(requested as i32),
        running_task_count: count(|status| status == TaskStatus::Running),
        pending_task_count: count(|status| status < TaskStatus::Running),
        ..Default::default()
    }
}

/// What a monitor says of a deployment.
fn monitor(is_enabled: bool, has_triggered: bool, deployment: &Deployment) -> Option<String> {
    let status = match (is_enabled, has_triggered, deployment.rollout) {
        (false, ..) => "DISABLED",
        (true, true, _) => "TRIGGERED",
        (true, false, RolloutState::InProgress) => "MONITORING",
        (true, false, _) => "MONITORING_COMPLETE",
    };
    Some(status.into())
}

fn circuit_breaker(service: &Service, deployment: &Deployment) -> ServiceDeploymentCircuitBreaker {
    let breaker = service.circuit_breaker();
    let threshold = breaker.map(|breaker| breaker_threshold(breaker, service.desired_count));
    let monitors = &deployment.monitors;
    let by_another = monitors.stop.is_some() || !monitors.triggered_alarms.is_empty();
    let triggered = deployment.rollout == RolloutState::Failed && !by_another;
    ServiceDeploymentCircuitBreaker {
        status: monitor(breaker.is_some(), triggered, deployment),
        failure_count: Some(deployment.failed_tasks as i32),
        threshold: threshold.map(|threshold| threshold as i32),
    }
}

fn alarms(service: &Service, deployment: &Deployment) -> ServiceDeploymentAlarms {
    let alarms = service.deployment_alarms();
    let triggered = &deployment.monitors.triggered_alarms;
    ServiceDeploymentAlarms {
        status: monitor(alarms.is_some(), !triggered.is_empty(), deployment),
        alarm_names: alarms.map(|alarms| alarms.alarm_names.clone()),
        triggered_alarm_names: Some(triggered.clone()),
    }
}
