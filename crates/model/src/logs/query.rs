//! Queries of Logs Insights: those that were asked, and those that were kept under a name. What a
//! query has found is not among the records: it can be found again, as its range of time is fixed.

use neargate_store::Record;
use serde::{Deserialize, Serialize};

/// A query that was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogQuery {
    pub region: String,
    pub id: String,
    /// The names of its groups.
    pub groups: Vec<String>,
    pub query: String,
    /// The events from the first of these milliseconds until before the second.
    pub start_ms: i64,
    pub end_ms: i64,
    pub limit: usize,
    pub created_ms: i64,
    /// Who asked it.
    pub asked_by: String,
    /// How it ended, once it has.
    pub ended: Option<EndedQuery>,
}

/// How a query has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndedQuery {
    /// `Complete`, `Failed` or `Cancelled`.
    pub status: String,
    pub took_ms: i64,
    pub bytes_scanned: u64,
}

impl Record for LogQuery {
    const TABLE: &'static str = "logs-queries";

    fn key(&self) -> String {
        LogQuery::key_of(&self.region, &self.id)
    }
}

impl LogQuery {
    pub fn key_of(region: &str, id: &str) -> String {
        format!("{region}/{id}")
    }
}

/// A query that is kept under a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryDefinition {
    pub region: String,
    pub id: String,
    pub name: String,
    pub query: String,
    pub groups: Vec<String>,
    pub modified_ms: i64,
}

impl Record for QueryDefinition {
    const TABLE: &'static str = "logs-query-definitions";

    fn key(&self) -> String {
        QueryDefinition::key_of(&self.region, &self.id)
    }
}

impl QueryDefinition {
    pub fn key_of(region: &str, id: &str) -> String {
        format!("{region}/{id}")
    }
}
