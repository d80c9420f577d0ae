//! A database instance.
//!
//! ```text
//! creating ─▶ available ◀──────────────┬───────────┬──────────────┐
//!                │ ├──▶ modifying ─────┤           │              │
//!                │ ├──▶ rebooting ─────┘           │              │
//!                │ ├──▶ backing-up ────────────────┘              │
//!                │ └──▶ stopping ──▶ stopped ──▶ starting ────────┘
//!                └──▶ deleting ──▶ (gone)
//! ```
//!
//! Operations begin a way, the database loop ends it. `incompatible-parameters`
//! is where a server that does not start with its parameters waits for better ones.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use neargate_api_types::rds;
use neargate_ids::Timestamp;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use super::key;
use crate::Tags;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Creating,
    Available,
    Modifying,
    Rebooting,
    BackingUp,
    Stopping,
    Stopped,
    Starting,
    Deleting,
    IncompatibleParameters,
}

impl Status {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Creating => "creating",
            Status::Available => "available",
            Status::Modifying => "modifying",
            Status::Rebooting => "rebooting",
            Status::BackingUp => "backing-up",
            Status::Stopping => "stopping",
            Status::Stopped => "stopped",
            Status::Starting => "starting",
            Status::Deleting => "deleting",
            Status::IncompatibleParameters => "incompatible-parameters",
        }
    }

    /// Whether a server should run.
    pub fn wants_server(self) -> bool {
        !matches!(self, Status::Stopping | Status::Stopped | Status::Deleting)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DbInstance {
    pub region: String,
    /// Lower case.
    pub identifier: String,
    pub arn: String,
    /// `db-` and 26 letters and digits: never used twice, and the name of the data's directory.
    pub resource_id: String,
    pub status: Status,
    /// What was set and is shown back as it is.
    pub settings: Stored<rds::DBInstance>,
    /// What waits for the maintenance window, as `ModifyDBInstance` spells it.
    pub pending: Option<Stored<rds::ModifyDBInstanceMessage>>,
    pub subnet_group: String,
    pub security_group_ids: Vec<String>,
    pub vpc_id: String,
    pub interface_id: String,
    pub private_ip: Ipv4Addr,
    /// Whether the server has answered since it was made: there is an endpoint from then on.
    pub made: bool,
    pub port: u16,
    pub parameter_group: String,
    /// `in-sync` or `pending-reboot`.
    pub parameter_apply_status: String,
    /// Those that are in force.
    pub parameters: BTreeMap<String, String>,
    /// `SCRAM-SHA-256$…`: what PostgreSQL keeps of the master password.
    /// `None` until a managed one is made.
    pub verifier: Option<String>,
    /// Whether the server has yet to be told the verifier.
    pub verifier_is_new: bool,
    pub secret: Option<ManagedSecret>,
    /// The name of the final snapshot of an instance that is being deleted.
    pub final_snapshot: Option<String>,
    /// The version that truly runs.
    pub running_version: Option<String>,
    pub created_at: Timestamp,
    pub tags: Tags,
}

/// The secret that RDS keeps the master password in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedSecret {
    /// `rds!db-<uuid>`
    pub name: String,
    /// Once it is made.
    pub arn: Option<String>,
    pub kms_key_id: Option<String>,
}

impl DbInstance {
    /// The instance class.
    pub fn class(&self) -> &str {
        self.settings.db_instance_class.as_deref().unwrap_or_default()
    }

    /// The engine version that is shown.
    pub fn engine_version(&self) -> &str {
        self.settings.engine_version.as_deref().unwrap_or_default()
    }

    /// `16` of `16.4`.
    pub fn major_version(&self) -> u32 {
        let (major, _) = self.engine_version().split_once('.').unwrap_or_default();
        major.parse().unwrap_or_default()
    }

    pub fn master_username(&self) -> &str {
        self.settings.master_username.as_deref().unwrap_or_default()
    }
}

impl Record for DbInstance {
    const TABLE: &'static str = "rds-instances";

    fn key(&self) -> String {
        key(&self.region, &self.identifier)
    }
}
