//! Secrets Manager: secrets with their versions and stages.
//!
//! ```text
//!   Secret ─┬─ Version  AWSPENDING    (a rotation's next one)
//!           ├─ Version  AWSCURRENT    exactly one, once there is a value
//!           ├─ Version  AWSPREVIOUS   what was current before
//!           └─ Version  (no stage)    deprecated: kept until it is in the way
//! ```

mod staging;

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_ids::{Sealed, Timestamp};
use neargate_store::{Record, Snapshot, Tables};
use serde::{Deserialize, Serialize};

use crate::Tags;

pub use staging::{CURRENT, PENDING, PREVIOUS};

/// The tables of Secrets Manager.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Secret>()
}

/// A secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Secret {
    pub region: String,
    pub name: String,
    /// Ends with a hyphen and six characters.
    pub arn: String,
    pub description: Option<String>,
    /// As it was given; nothing for `aws/secretsmanager`.
    pub kms_key_id: Option<String>,
    pub created: Timestamp,
    pub changed: Timestamp,
    /// The day of the last read.
    pub accessed: Option<Timestamp>,
    /// The resource policy, as it was given.
    pub policy: Option<String>,
    /// The service that manages it (`rds`).
    pub owning_service: Option<String>,
    pub deletion: Option<Deletion>,
    /// The oldest first.
    pub versions: Vec<Version>,
    pub tags: Tags,
}

/// A deletion that is scheduled.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Deletion {
    pub asked: Timestamp,
    /// When it can no longer be restored.
    pub due: Timestamp,
}

/// A version of a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    pub id: String,
    pub created: Timestamp,
    pub accessed: Option<Timestamp>,
    pub stages: BTreeSet<String>,
    pub value: Value,
}

/// A version's value, sealed under [`Secret::label`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Value {
    Text(Sealed),
    Binary(Sealed),
}

impl Secret {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }

    /// The label that the value of a version is sealed under.
    pub fn label(arn: &str, version_id: &str) -> String {
        format!("secretsmanager/{arn}/{version_id}")
    }

    /// Whether its recovery window is over, so that it is as good as gone.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.deletion.is_some_and(|deletion| deletion.due <= now)
    }
}

impl Record for Secret {
    const TABLE: &'static str = "secretsmanager-secrets";

    fn key(&self) -> String {
        Secret::key_of(&self.region, &self.name)
    }
}

/// The secret of a name, an ARN, or an ARN without its last hyphen and six characters.
pub fn find(snapshot: &Snapshot, region: &str, id: &str, now: Timestamp) -> Option<Arc<Secret>> {
    let name = match id.strip_prefix("arn:") {
        None => id,
        Some(rest) => rest.splitn(6, ':').nth(5).filter(|_| rest.contains(":secretsmanager:"))?,
    };
    let whole = id.starts_with("arn:").then_some(id);
    let by_name = |name: &str| snapshot.get::<Secret>(&Secret::key_of(region, name));
    let suffix_less = |name: &str| {
        let at = name.len().checked_sub(7)?;
        name.get(at..).filter(|end| end.starts_with('-'))?;
        name.get(..at).map(str::to_owned)
    };
    let found = match whole {
        None => by_name(name),
        Some(arn) => suffix_less(name)
            .and_then(|short| by_name(&short))
            .filter(|secret| secret.arn == arn)
            .or_else(|| by_name(name).filter(|s| s.arn.len() == arn.len() + 7)),
    };
    found.filter(|secret| !secret.is_gone(now))
}
