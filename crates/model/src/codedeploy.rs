//! CodeDeploy, as far as it replaces the task sets of ECS services: applications,
//! deployment groups, deployment configurations and deployments.

mod deployment;

use neargate_api_types::codedeploy as wire;
use neargate_store::{Record, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

pub use deployment::{
    Deployment, DeploymentStatus, Failure, Ready, Route, Stage, TaskSetSeen, TaskSetSpec, Traffic,
    pending_events,
};

/// The tables of CodeDeploy.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<Application>()
        .with::<DeploymentGroup>()
        .with::<DeploymentConfig>()
        .with::<Deployment>()
}

/// A name under which deployment groups stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Application {
    pub region: String,
    pub name: String,
    pub shown: Stored<wire::ApplicationInfo>,
    pub tags: Tags,
}

impl Application {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }
}

impl Record for Application {
    const TABLE: &'static str = "codedeploy-applications";

    fn key(&self) -> String {
        Application::key_of(&self.region, &self.name)
    }
}

/// What is deployed to, and how. Names of applications have no line ends, so that no
/// application's groups are another's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeploymentGroup {
    pub region: String,
    pub application: String,
    pub name: String,
    pub shown: Stored<wire::DeploymentGroupInfo>,
    pub tags: Tags,
}

impl DeploymentGroup {
    pub fn key_of(region: &str, application: &str, name: &str) -> String {
        format!("{}{name}", DeploymentGroup::prefix(region, application))
    }

    /// What the keys of an application's groups begin with.
    pub fn prefix(region: &str, application: &str) -> String {
        format!("{region}/{application}\n")
    }

    /// Its one ECS service: cluster and name.
    pub fn ecs_service(&self) -> Option<(&str, &str)> {
        let service = self.shown.ecs_services.as_ref()?.first()?;
        Some((service.cluster_name.as_deref()?, service.service_name.as_deref()?))
    }
}

impl Record for DeploymentGroup {
    const TABLE: &'static str = "codedeploy-deployment-groups";

    fn key(&self) -> String {
        DeploymentGroup::key_of(&self.region, &self.application, &self.name)
    }
}

/// How traffic is shifted, beside the predefined ways.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeploymentConfig {
    pub region: String,
    pub name: String,
    pub shown: Stored<wire::DeploymentConfigInfo>,
}

impl DeploymentConfig {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }
}

impl Record for DeploymentConfig {
    const TABLE: &'static str = "codedeploy-deployment-configs";

    fn key(&self) -> String {
        DeploymentConfig::key_of(&self.region, &self.name)
    }
}
