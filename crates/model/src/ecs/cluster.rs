//! Clusters.

use neargate_api_types::ecs;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// A cluster. What AWS shows of it is kept as given; counts are derived when it is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cluster {
    pub region: String,
    pub name: String,
    pub arn: String,
    /// `false` once deleted: AWS goes on showing a deleted cluster as INACTIVE.
    pub active: bool,
    pub settings: Vec<Stored<ecs::ClusterSetting>>,
    pub configuration: Option<Stored<ecs::ClusterConfiguration>>,
    pub service_connect_defaults: Option<Stored<ecs::ClusterServiceConnectDefaults>>,
    pub capacity_providers: Vec<String>,
    pub default_capacity_provider_strategy: Vec<Stored<ecs::CapacityProviderStrategyItem>>,
    pub tags: Tags,
}

impl Record for Cluster {
    const TABLE: &'static str = "ecs-clusters";

    fn key(&self) -> String {
        Cluster::key_of(&self.region, &self.name)
    }
}

impl Cluster {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }

    /// The name within a cluster's name or ARN; nothing stands for `default`.
    pub fn name_in(reference: Option<&str>) -> &str {
        match reference {
            None | Some("") => "default",
            Some(text) => text.rsplit('/').next().unwrap_or(text),
        }
    }
}
