//! A snapshot of an instance: its data as they were, and the settings it had.

use neargate_api_types::rds;
use neargate_ids::Timestamp;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use super::key;
use crate::Tags;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotStatus {
    Creating,
    Available,
    /// Its data are about to go.
    Deleted,
}

impl SnapshotStatus {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            SnapshotStatus::Creating => "creating",
            SnapshotStatus::Available => "available",
            SnapshotStatus::Deleted => "deleted",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotKind {
    Manual,
    Automated,
}

impl SnapshotKind {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            SnapshotKind::Manual => "manual",
            SnapshotKind::Automated => "automated",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DbSnapshot {
    pub region: String,
    /// Lower case.
    pub identifier: String,
    pub arn: String,
    pub kind: SnapshotKind,
    pub status: SnapshotStatus,
    /// The name of its data's directory, never used twice.
    pub data: String,
    pub instance_identifier: String,
    pub resource_id: String,
    pub vpc_id: String,
    pub port: u16,
    pub instance_created_at: Timestamp,
    pub created_at: Timestamp,
    /// The instance's at that time.
    pub settings: Stored<rds::DBInstance>,
    pub tags: Tags,
}

impl Record for DbSnapshot {
    const TABLE: &'static str = "rds-snapshots";

    fn key(&self) -> String {
        key(&self.region, &self.identifier)
    }
}
