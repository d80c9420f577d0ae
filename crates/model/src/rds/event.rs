//! What happened to an instance, for people: kept for 14 days, as on RDS.

use neargate_ids::Timestamp;
use neargate_store::{Record, Tx};
use serde::{Deserialize, Serialize};

/// How long events are kept. Source: "DescribeEvents" in the RDS API reference.
const KEPT_SECS: i64 = 14 * 24 * 3600;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceType {
    DbInstance,
    DbParameterGroup,
    DbSnapshot,
}

impl SourceType {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceType::DbInstance => "db-instance",
            SourceType::DbParameterGroup => "db-parameter-group",
            SourceType::DbSnapshot => "db-snapshot",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbEvent {
    pub region: String,
    /// Orders the events of a region.
    pub number: u64,
    pub at: Timestamp,
    pub source_type: SourceType,
    pub source_identifier: String,
    pub source_arn: String,
    /// `availability`, `creation`, …
    pub category: String,
    pub message: String,
}

impl Record for DbEvent {
    const TABLE: &'static str = "rds-events";

    fn key(&self) -> String {
        format!("{}/{:020}", self.region, self.number)
    }
}

/// Adds an event, whose number is set here, and forgets those that are too old.
pub fn note(tx: &mut Tx, mut event: DbEvent) {
    let prefix = super::prefix(&event.region);
    let mut last = 0;
    let mut old = Vec::new();
    for known in tx.scan::<DbEvent>(&prefix) {
        last = last.max(known.number);
        if event.at.secs() - known.at.secs() > KEPT_SECS {
            old.push(known.key());
        }
    }
    for key in old {
        tx.delete::<DbEvent>(&key);
    }
    event.number = last + 1;
    tx.put(event);
}
