//! Systems Manager: parameters, and the sessions of Session Manager. All values are sealed, not only those of
//! SecureString: people put secrets into plain ones too.

use neargate_ids::{Sealed, Timestamp};
use neargate_store::{Record, Tables};
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of Systems Manager.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Parameter>().with::<Session>()
}

/// A parameter with its latest versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    pub region: String,
    pub name: String,
    pub arn: String,
    pub tags: Tags,
    /// The oldest first; at least one.
    pub versions: Vec<ParameterVersion>,
}

/// One version of a parameter, with everything that was set with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParameterVersion {
    pub number: i64,
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// Sealed under [`Parameter::label`].
    pub value: Sealed,
    pub modified: Timestamp,
    pub modified_by: String,
    pub description: Option<String>,
    pub allowed_pattern: Option<String>,
    /// Of a SecureString.
    pub key_id: Option<String>,
    /// `Standard` or `Advanced`.
    pub tier: String,
    pub data_type: String,
}

impl Parameter {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }

    /// The label that the value of a version is sealed under.
    pub fn label(arn: &str, number: i64) -> String {
        format!("ssm/{arn}/{number}")
    }

    /// The version that counts.
    pub fn latest(&self) -> &ParameterVersion {
        self.versions.last().expect("a parameter is made with its first version")
    }
}

/// A session that was opened: here always one of ECS Exec.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    pub region: String,
    /// `ecs-execute-command-` and some digits.
    pub id: String,
    /// `ecs:CLUSTER_TASK_CONTAINER`, by the container's runtime id.
    pub target: String,
    /// The ARN of who opened it.
    pub owner: String,
    /// Whether its client may come back when its connection broke.
    pub resumable: bool,
    pub started_at: Timestamp,
    /// That somebody else than its client wants it to end.
    pub terminated_by: Option<String>,
    pub ended_at: Option<Timestamp>,
}

impl Session {
    pub fn key_of(region: &str, id: &str) -> String {
        format!("{region}/{id}")
    }
}

impl Record for Session {
    const TABLE: &'static str = "ssm-sessions";

    fn key(&self) -> String {
        Session::key_of(&self.region, &self.id)
    }
}

impl Record for Parameter {
    const TABLE: &'static str = "ssm-parameters";

    fn key(&self) -> String {
        Parameter::key_of(&self.region, &self.name)
    }
}
