//! Service deployments: the same deployments under their newer names and ARNs.

use neargate_api::model::ecs::{Deployment, RolloutState, Service};
use neargate_api::types::ecs::{
    DescribeServiceDeploymentsRequest, DescribeServiceDeploymentsResponse,
    ListServiceDeploymentsRequest, ListServiceDeploymentsResponse, ServiceDeployment,
    ServiceDeploymentBrief, ServiceRevisionSummary,
};
use neargate_api::{Arn, AwsError, Ctx};

use super::{find, not_found, revisions};
use crate::{cluster, failure};

/// `service-deployment/CLUSTER/SERVICE/ID`.
fn arn(ctx: &Ctx, service: &Service, deployment: &Deployment) -> String {
    let id = deployment.id.trim_start_matches("ecs-svc/");
    ctx.arn("ecs", format!("service-deployment/{}/{}/{id}", service.cluster, service.name))
}

fn status(deployment: &Deployment) -> &'static str {
    match deployment.rollout {
        RolloutState::InProgress => "IN_PROGRESS",
        RolloutState::Completed => "SUCCESSFUL",
        RolloutState::Failed => "STOPPED",
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
        input.status.as_ref().is_none_or(|all| all.iter().any(|s| s == status(d)))
    };
    let briefs = service.deployments.iter().filter(asked).map(|d| ServiceDeploymentBrief {
        cluster_arn: Some(cluster.arn.clone()),
        service_arn: Some(service.arn.clone()),
        service_deployment_arn: Some(arn(&ctx, &service, d)),
        target_service_revision_arn: Some(revisions::arn(&ctx, &service, d)),
        status: Some(status(d).into()),
        status_reason: Some(d.rollout_reason.clone()),
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
        let resource = wanted.parse::<Arn>().map(|a| a.resource).unwrap_or_default();
        let parts: Vec<&str> = resource.split('/').collect();
        let service = match parts[..] {
            ["service-deployment", cluster, name, _] => find(&ctx, &snapshot, cluster, name),
            _ => None,
        };
        let shown = service.as_ref().and_then(|service| {
            let deployment =
                service.deployments.iter().find(|d| arn(&ctx, service, d) == wanted)?;
            Some(whole(&ctx, service, deployment))
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

fn whole(ctx: &Ctx, service: &Service, deployment: &Deployment) -> ServiceDeployment {
    ServiceDeployment {
        cluster_arn: service.wire.cluster_arn.clone(),
        service_arn: Some(service.arn.clone()),
        service_deployment_arn: Some(arn(ctx, service, deployment)),
        status: Some(status(deployment).into()),
        status_reason: Some(deployment.rollout_reason.clone()),
        created_at: Some(deployment.created_at),
        started_at: Some(deployment.created_at),
        updated_at: Some(deployment.updated_at),
        finished_at: (deployment.rollout != RolloutState::InProgress)
            .then_some(deployment.updated_at),
        deployment_configuration: service.wire.deployment_configuration.clone(),
        target_service_revision: Some(ServiceRevisionSummary {
            arn: Some(revisions::arn(ctx, service, deployment)),
            requested_task_count: Some(service.desired_count as i32),
            ..Default::default()
        }),
        ..Default::default()
    }
}
