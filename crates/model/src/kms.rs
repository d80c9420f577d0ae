//! KMS: keys with their material, aliases and grants.
//!
//! A key's material is sealed, and only `api-kms` opens it. Old material stays
//! after a rotation: what it encrypted must still be read.

use std::sync::Arc;

use neargate_api_types::kms;
use neargate_ids::{Sealed, Timestamp};
use neargate_store::{Record, Snapshot, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of KMS.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Key>().with::<Alias>().with::<Grant>()
}

/// A symmetric key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key {
    pub region: String,
    pub id: String,
    pub arn: String,
    pub description: String,
    pub created: Timestamp,
    pub state: State,
    /// Made by AWS for one of its services (`aws/rds`).
    pub managed_by_aws: bool,
    pub policy: String,
    pub rotation: Option<Rotation>,
    /// The present one last.
    pub materials: Vec<Material>,
    pub tags: Tags,
}

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Enabled,
    Disabled,
    PendingDeletion { due: Timestamp, window_days: i32 },
}

/// Automatic rotation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Rotation {
    pub period_days: i32,
    pub next: Timestamp,
}

/// Key material: 32 bytes, sealed under [`Key::label`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Material {
    /// 64 hexadecimal digits.
    pub id: String,
    pub sealed: Sealed,
}

impl Key {
    pub fn key_of(region: &str, id: &str) -> String {
        format!("{region}/{id}")
    }

    /// The label that a material is sealed under.
    pub fn label(id: &str, material_id: &str) -> String {
        format!("kms/{id}/{material_id}")
    }

    /// Whether its waiting period is over: what it encrypted is lost.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        matches!(self.state, State::PendingDeletion { due, .. } if due <= now)
    }
}

impl Record for Key {
    const TABLE: &'static str = "kms-keys";

    fn key(&self) -> String {
        Key::key_of(&self.region, &self.id)
    }
}

/// A name for a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alias {
    pub region: String,
    /// `alias/…`
    pub name: String,
    pub arn: String,
    pub target: String,
    pub created: Timestamp,
    pub updated: Timestamp,
}

impl Alias {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }
}

impl Record for Alias {
    const TABLE: &'static str = "kms-aliases";

    fn key(&self) -> String {
        Alias::key_of(&self.region, &self.name)
    }
}

/// Leave to use a key, beside its policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grant {
    pub region: String,
    pub key_id: String,
    /// 64 hexadecimal digits.
    pub id: String,
    pub token: String,
    pub created: Timestamp,
    pub name: Option<String>,
    pub grantee: Option<String>,
    pub retiring: Option<String>,
    pub operations: Vec<String>,
    pub constraints: Option<Stored<kms::GrantConstraints>>,
}

impl Grant {
    pub fn key_of(region: &str, key_id: &str, id: &str) -> String {
        format!("{region}/{key_id}/{id}")
    }
}

impl Record for Grant {
    const TABLE: &'static str = "kms-grants";

    fn key(&self) -> String {
        Grant::key_of(&self.region, &self.key_id, &self.id)
    }
}

/// The key of an id, an ARN, an alias (`alias/…`) or an alias's ARN.
pub fn find(snapshot: &Snapshot, region: &str, given: &str, now: Timestamp) -> Option<Arc<Key>> {
    let resource = match given.strip_prefix("arn:") {
        None => given,
        Some(rest) => {
            let mut parts = rest.splitn(5, ':').skip(1);
            let here = parts.next() == Some("kms") && parts.next() == Some(region);
            parts.nth(1).filter(|_| here)?
        }
    };
    let id = match resource.starts_with("alias/") {
        true => snapshot.get::<Alias>(&Alias::key_of(region, resource))?.target.clone(),
        false => resource.strip_prefix("key/").unwrap_or(resource).to_owned(),
    };
    snapshot.get::<Key>(&Key::key_of(region, &id)).filter(|key| !key.is_gone(now))
}
