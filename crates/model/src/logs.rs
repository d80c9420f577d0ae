//! CloudWatch Logs: groups, streams and what is attached to them. The lines
//! themselves are in `neargate-loglines`, under the group's [`lines_key`].
//!
//! ```text
//! LogGroup ─┬─ LogStream      (its lines: loglines, [lines_key] / stream name)
//!           ├─ MetricFilter
//!           └─ MetricFilterPlace (how far its lines have been read for metrics)
//! LogQuery, QueryDefinition   (of Insights; of the region)
//! ResourcePolicy              (of the region)
//! ```
//!
//! A group's name has no colon and a stream's neither, so that `group:stream`
//! names one of both, and a group's children are a scan of a prefix.

use neargate_api_types::logs;
use neargate_store::{Record, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

mod place;
mod query;
mod retention;

pub use place::MetricFilterPlace;
pub use query::{EndedQuery, LogQuery, QueryDefinition};
pub use retention::{RETENTION_DAYS, expired_before_ms};

/// The name of a log group in `neargate-loglines`.
pub fn lines_key(region: &str, group: &str) -> String {
    LogGroup::key_of(region, group)
}

/// The tables of CloudWatch Logs.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<LogGroup>()
        .with::<LogStream>()
        .with::<MetricFilter>()
        .with::<MetricFilterPlace>()
        .with::<LogQuery>()
        .with::<QueryDefinition>()
        .with::<ResourcePolicy>()
}

/// A log group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogGroup {
    pub region: String,
    pub name: String,
    /// Without `:*`.
    pub arn: String,
    pub created_ms: i64,
    /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`.
    pub class: String,
    /// Nothing: its lines never expire.
    pub retention_in_days: Option<i32>,
    pub kms_key_id: Option<String>,
    pub deletion_protection: bool,
    pub tags: Tags,
}

impl Record for LogGroup {
    const TABLE: &'static str = "logs-groups";

    fn key(&self) -> String {
        LogGroup::key_of(&self.region, &self.name)
    }
}

impl LogGroup {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }

    /// The name of its lines in `neargate-loglines`.
    pub fn lines_key(&self) -> String {
        lines_key(&self.region, &self.name)
    }

    /// The beginning of the keys of its streams and filters.
    pub fn children(&self) -> String {
        format!("{}/{}:", self.region, self.name)
    }
}

/// A log stream. What its lines tell (first, last, bytes) is asked of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogStream {
    pub region: String,
    pub group: String,
    pub name: String,
    pub arn: String,
    pub created_ms: i64,
}

impl Record for LogStream {
    const TABLE: &'static str = "logs-streams";

    fn key(&self) -> String {
        LogStream::key_of(&self.region, &self.group, &self.name)
    }
}

impl LogStream {
    pub fn key_of(region: &str, group: &str, name: &str) -> String {
        format!("{region}/{group}:{name}")
    }
}

/// A metric filter, as it was given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MetricFilter {
    pub region: String,
    pub group: String,
    pub name: String,
    pub filter: Stored<logs::MetricFilter>,
    /// The lines that came before it, by the sequence of the last, are not its.
    #[serde(default)]
    pub since: u64,
}

impl Record for MetricFilter {
    const TABLE: &'static str = "logs-metric-filters";

    fn key(&self) -> String {
        MetricFilter::key_of(&self.region, &self.group, &self.name)
    }
}

impl MetricFilter {
    pub fn key_of(region: &str, group: &str, name: &str) -> String {
        format!("{region}/{group}:{name}")
    }
}

/// A policy that lets AWS's services write logs, of the region or of one group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResourcePolicy {
    pub region: String,
    /// A region's policy has a name, a group's policy the group's ARN.
    pub name: Option<String>,
    pub resource_arn: Option<String>,
    pub document: String,
    pub updated_ms: i64,
    /// Of a group's policy: changes with every put.
    pub revision_id: Option<String>,
}

impl Record for ResourcePolicy {
    const TABLE: &'static str = "logs-resource-policies";

    fn key(&self) -> String {
        let name = self.name.as_deref().or(self.resource_arn.as_deref());
        ResourcePolicy::key_of(&self.region, name.unwrap_or_default())
    }
}

impl ResourcePolicy {
    /// `name` is the policy's name, or the ARN of the group that it is for.
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }
}
