//! How far the lines of a group have been read for its metric filters. It moves once their
//! values are among the metrics: after a crash in between, the lines of that last look, and no
//! others, count twice.

use std::collections::BTreeMap;

use neargate_store::Record;
use serde::{Deserialize, Serialize};

use super::LogGroup;

/// Of a group that has metric filters, or had some.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricFilterPlace {
    pub region: String,
    pub group: String,
    /// Of the last line that was read.
    pub sequence: u64,
    /// By filter: the minutes, by their beginnings in milliseconds, that may have a default value
    /// still, and whether a line of theirs matched.
    pub minutes: BTreeMap<String, BTreeMap<i64, bool>>,
}

impl Record for MetricFilterPlace {
    const TABLE: &'static str = "logs-metric-filter-places";

    fn key(&self) -> String {
        LogGroup::key_of(&self.region, &self.group)
    }
}
