//! IAM: roles and the customer's managed policies. IAM is global: keys have no region.

use std::collections::{BTreeMap, BTreeSet};

use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of IAM.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Role>().with::<ManagedPolicy>()
}

/// A role. Documents are kept as they were given: IAM shows them back letter by letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Role {
    pub name: String,
    /// `AROA…`. A role made again under the same name has another, so that the sessions
    /// of the first one end with it.
    pub role_id: String,
    pub arn: String,
    /// Begins and ends with `/`.
    pub path: String,
    pub created_at: Timestamp,
    pub trust_policy: String,
    pub description: Option<String>,
    /// Seconds: 3600 to 43200.
    pub max_session_duration: i32,
    /// The ARN of the policy that limits this role.
    pub permissions_boundary: Option<String>,
    /// The role's own policies by their names.
    pub inline_policies: BTreeMap<String, String>,
    /// The ARNs of managed policies.
    pub attached_policies: BTreeSet<String>,
    /// The service that a service-linked role belongs to.
    pub linked_service: Option<String>,
    pub tags: Tags,
}

impl Record for Role {
    const TABLE: &'static str = "iam-roles";

    fn key(&self) -> String {
        self.name.clone()
    }
}

/// A managed policy of the customer's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ManagedPolicy {
    pub arn: String,
    pub name: String,
    /// `ANPA…`.
    pub policy_id: String,
    pub path: String,
    pub description: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// By number: at most five, of which one is the default.
    pub versions: BTreeMap<u32, PolicyVersion>,
    pub default_version: u32,
    /// The number of the next version: those of deleted ones do not come again.
    pub next_version: u32,
    pub tags: Tags,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub document: String,
    pub created_at: Timestamp,
}

impl Record for ManagedPolicy {
    const TABLE: &'static str = "iam-policies";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

impl ManagedPolicy {
    /// The document that acts.
    pub fn document(&self) -> &str {
        self.versions.get(&self.default_version).map_or("", |version| &version.document)
    }
}
