//! One call: CloudTrail's record of it, and beside it what it is looked up by.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// The event's region: `us-east-1` for services that are global.
    pub region: String,
    pub id: String,
    pub name: String,
    /// `ecs.amazonaws.com`
    pub source: String,
    pub read_only: bool,
    pub username: Option<String>,
    pub access_key_id: Option<String>,
    /// Type and name of each.
    pub resources: Vec<(String, String)>,
    /// The whole record, as it is shown and delivered.
    pub record: Box<RawValue>,
}
