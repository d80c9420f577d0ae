//! Task definitions and their families.

use neargate_api_types::ecs;
use neargate_ids::Timestamp;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// A family: where the next revision number comes from. Numbers are never used twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Family {
    pub region: String,
    pub name: String,
    pub last_revision: u32,
}

impl Record for Family {
    const TABLE: &'static str = "ecs-families";

    fn key(&self) -> String {
        format!("{}/{}", self.region, self.name)
    }
}

/// One revision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskDefinition {
    pub region: String,
    pub family: String,
    pub revision: u32,
    pub arn: String,
    pub active: bool,
    pub registered_at: Timestamp,
    pub deregistered_at: Option<Timestamp>,
    /// Everything else, as AWS shows it.
    pub wire: Stored<ecs::TaskDefinition>,
    pub tags: Tags,
}

impl Record for TaskDefinition {
    const TABLE: &'static str = "ecs-task-definitions";

    fn key(&self) -> String {
        TaskDefinition::key_of(&self.region, &self.family, self.revision)
    }
}

impl TaskDefinition {
    /// Keys sort by family, then by revision.
    pub fn key_of(region: &str, family: &str, revision: u32) -> String {
        format!("{region}/{family}/{revision:010}")
    }

    /// The key within an ARN, or within `family:revision`.
    pub fn key_in(region: &str, arn: &str) -> Option<String> {
        let (family, revision) = arn.rsplit('/').next()?.split_once(':')?;
        Some(TaskDefinition::key_of(region, family, revision.parse().ok()?))
    }

    /// The containers.
    pub fn containers(&self) -> &[ecs::ContainerDefinition] {
        self.wire.container_definitions.as_deref().unwrap_or_default()
    }

    /// `family:revision`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }

    /// The task's CPU units: 1024 are one vCPU.
    pub fn cpu_units(&self) -> u32 {
        self.wire.cpu.as_deref().and_then(|c| c.parse().ok()).unwrap_or(0)
    }

    /// The task's memory in MiB.
    pub fn memory_mib(&self) -> u32 {
        self.wire.memory.as_deref().and_then(|m| m.parse().ok()).unwrap_or(0)
    }
}
