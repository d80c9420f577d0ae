//! A parameter group: what differs from the defaults of its family.

use std::collections::BTreeMap;

use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

use super::{DbInstance, key, prefix};
use crate::Tags;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterGroup {
    pub region: String,
    /// Lower case; `default.postgres16` for the one that every family has.
    pub name: String,
    pub arn: String,
    /// `postgres16`
    pub family: String,
    pub description: String,
    pub parameters: BTreeMap<String, SetParameter>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetParameter {
    pub value: String,
    /// `immediate` or `pending-reboot`.
    pub apply_method: String,
}

/// What a family's default group differs from PostgreSQL in.
/// From 15 on, TLS is required. Source: "Using SSL with a PostgreSQL DB instance".
pub fn defaults_of(family: &str) -> BTreeMap<String, String> {
    let major = family.strip_prefix("postgres").and_then(|m| m.parse::<u32>().ok());
    let force = u8::from(major.is_some_and(|major| major >= 15));
    [("rds.force_ssl".to_owned(), force.to_string())].into()
}

impl ParameterGroup {
    /// The group of this name: one that was made, or a family's own.
    pub fn find(snapshot: &Snapshot, region: &str, account: &str, name: &str) -> Option<Self> {
        if let Some(group) = snapshot.get::<ParameterGroup>(&key(region, name)) {
            return Some(ParameterGroup::clone(&group));
        }
        let family = name.strip_prefix("default.")?;
        let major: u32 = family.strip_prefix("postgres")?.parse().ok()?;
        super::newest(snapshot, Some(major))?;
        Some(ParameterGroup {
            region: region.into(),
            name: name.into(),
            arn: format!("arn:aws:rds:{region}:{account}:pg:{name}"),
            family: family.into(),
            description: format!("Default parameter group for {family}"),
            parameters: BTreeMap::new(),
            tags: Tags::new(),
        })
    }

    /// Everything that a server which starts with this group is given.
    pub fn at_start(&self) -> BTreeMap<String, String> {
        let mut all = defaults_of(&self.family);
        all.extend(self.parameters.iter().map(|(name, set)| (name.clone(), set.value.clone())));
        all
    }

    /// The instances that have this group.
    pub fn users(&self, snapshot: &Snapshot) -> Vec<String> {
        let all = snapshot.scan::<DbInstance>(&prefix(&self.region));
        all.filter(|i| i.parameter_group == self.name).map(|i| i.key()).collect()
    }
}

impl Record for ParameterGroup {
    const TABLE: &'static str = "rds-parameter-groups";

    fn key(&self) -> String {
        key(&self.region, &self.name)
    }
}
