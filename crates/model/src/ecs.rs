//! ECS: clusters, task definitions, services with their deployments, and tasks.

mod cluster;
mod service;
mod spot;
mod task;
mod task_definition;

pub use cluster::Cluster;
pub use service::{
    AskedFor, Controller, Deployment, DeploymentStatus, DeploymentStop, EVENT_LIMIT, Event,
    EventKind, PastDeployment, Rollback, RollbackMonitors, RolloutState, Said, Service,
    ServiceStatus, TaskSet,
};
pub use spot::{CAPACITY_CODE, CAPACITY_UNAVAILABLE, FARGATE_SPOT, SpotShortage};
pub use task::{
    Container, ContainerStatus, HealthStatus, Placement, Refused, SpotInterruption, StopCode,
    StopRequest, Task, TaskStatus, TaskTarget,
};
pub use task_definition::{Family, TaskDefinition};

use neargate_store::Tables;

/// The tables of ECS.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<Cluster>()
        .with::<Family>()
        .with::<TaskDefinition>()
        .with::<Service>()
        .with::<PastDeployment>()
        .with::<Task>()
        .with::<SpotShortage>()
        .with::<AccountSetting>()
        .followed_by::<Task>(task::count_container_changes)
}

/// An account setting that was put, by the principal that it is for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct AccountSetting {
    pub region: String,
    pub name: String,
    pub value: String,
    pub principal_arn: String,
}

impl neargate_store::Record for AccountSetting {
    const TABLE: &'static str = "ecs-account-settings";

    fn key(&self) -> String {
        format!("{}/{}", self.region, self.name)
    }
}
