//! An event's envelope: the same for all sources.
//! Source: "AWS service event metadata" in the EventBridge user guide.

use neargate_ids::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

/// An event, in the order in which AWS writes its members.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    version: &'static str,
    pub id: String,
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    pub source: String,
    pub account: String,
    /// To the second.
    pub time: String,
    pub region: String,
    pub resources: Vec<String>,
    /// A JSON object, as whoever told the event wrote it.
    pub detail: Box<RawValue>,
}

/// What an event tells, without where and when.
#[derive(Clone, Debug)]
pub struct Telling {
    pub source: String,
    pub detail_type: String,
    pub resources: Vec<String>,
    pub detail: Box<RawValue>,
}

impl Telling {
    /// What a service of AWS tells of one resource.
    pub fn new(
        source: &str,
        detail_type: &str,
        resource: impl Into<Option<String>>,
        detail: &serde_json::Value,
    ) -> Self {
        Telling {
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            resources: resource.into().into_iter().collect(),
            detail: RawValue::from_string(detail.to_string()).expect("a value is valid JSON"),
        }
    }

    /// The event, told by this account in this region.
    pub fn at(self, id: String, account: &str, region: &str, time: Timestamp) -> Event {
        Event {
            version: "0",
            id,
            detail_type: self.detail_type,
            source: self.source,
            account: account.to_owned(),
            time: time.iso8601_secs(),
            region: region.to_owned(),
            resources: self.resources,
            detail: self.detail,
        }
    }
}

impl Event {
    /// The event as JSON.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("strings and valid JSON can be written")
    }
}
