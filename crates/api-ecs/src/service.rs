//! Services: what their operations share.

pub mod create;
pub mod delete;
pub mod deployments;
pub mod describe;
pub mod inert;
pub mod list;
pub mod revisions;
mod shown;
pub mod task_sets;
pub mod update;
mod validate;

use std::sync::Arc;

use neargate_api::model::ecs::{
    Cluster, Deployment, DeploymentStatus, RolloutState, Service, TaskDefinition, TaskSet,
};
use neargate_api::types::ecs::{self, error};
use neargate_api::{AwsError, Ctx, Snapshot, Stored};
use neargate_plan::launch::LATEST_PLATFORM;

pub use shown::shown;
pub use validate::{fargate as check_fargate, launch as check_launch};

/// The ARN of a service by its cluster and name.
pub fn arn(ctx: &Ctx, cluster: Option<&str>, reference: &str) -> String {
    ctx.arn("ecs", format!("service/{}/{}", Cluster::name_in(cluster), Service::name_in(reference)))
}

/// The service that is referred to, in whatever state.
pub fn find(
    ctx: &Ctx,
    snapshot: &Snapshot,
    cluster: &str,
    reference: &str,
) -> Option<Arc<Service>> {
    snapshot.get::<Service>(&Service::key_of(&ctx.region, cluster, Service::name_in(reference)))
}

/// AWS's error for a service that is not there.
pub fn not_found() -> AwsError {
    error::service_not_found_exception("Service not found.")
}

/// How a deployment runs its tasks: from the service as it now is.
fn deployment(ctx: &Ctx, service: &ecs::Service, definition: &TaskDefinition) -> Deployment {
    let id = format!("ecs-svc/{}", ctx.rng().digits(19));
    Deployment {
        rollout_reason: format!("ECS deployment {id} in progress."),
        id,
        status: DeploymentStatus::Primary,
        task_definition_arn: definition.arn.clone(),
        rollout: RolloutState::InProgress,
        failed_tasks: 0,
        launch_failures: 0,
        next_launch_at: None,
        next_placement_at: None,
        created_at: ctx.now,
        updated_at: ctx.now,
        launch_type: service.launch_type.clone(),
        capacity_provider_strategy: service
            .capacity_provider_strategy
            .iter()
            .flatten()
            .map(|item| Stored(item.clone()))
            .collect(),
        platform_version: platform(service.platform_version.as_deref()),
        network: service.network_configuration.clone().map(Stored),
        images: Default::default(),
        monitors: Default::default(),
        task_set: None,
    }
}

/// The first task set of a service that CodeDeploy deploys.
fn first_task_set(deployment: Deployment, service: &ecs::Service) -> Deployment {
    let task_set = TaskSet {
        external_id: None,
        load_balancers: service.load_balancers.iter().flatten().cloned().map(Stored).collect(),
        draining: false,
        stable: false,
        stable_at: deployment.created_at,
    };
    Deployment { task_set: Some(task_set), ..deployment }
}

/// The platform version that runs, for what was asked.
pub fn platform(asked: Option<&str>) -> String {
    match asked {
        None | Some("LATEST" | "") => LATEST_PLATFORM.to_owned(),
        Some(version) => version.to_owned(),
    }
}
