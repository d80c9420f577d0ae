//! Log events, as they come in and as they are read.

use std::sync::Arc;

/// An event as PutLogEvents brings it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// When it happened, as its sender says: milliseconds since the epoch.
    pub timestamp_ms: i64,
    /// When it arrived: milliseconds since the epoch.
    pub ingestion_ms: i64,
    pub message: String,
}

/// An event as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub timestamp_ms: i64,
    pub ingestion_ms: i64,
    pub message: String,
    /// The stream's name.
    pub stream: Arc<str>,
    /// 56 decimal digits, unique, the same on every read; sorts as events do,
    /// by time and then by arrival.
    pub id: String,
}

/// What DescribeLogStreams tells of a stream's content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamStats {
    pub first_event_ms: i64,
    pub last_event_ms: i64,
    pub last_ingestion_ms: i64,
    /// By [`event_size`]; includes expired events whose segment is not free yet.
    pub stored_bytes: u64,
}

/// An event's size as CloudWatch Logs counts it: its message in UTF-8 and 26
/// bytes (PutLogEvents in the API reference).
pub fn event_size(message: &str) -> u64 {
    message.len() as u64 + 26
}

/// A range of times, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Span {
    pub first_ms: i64,
    pub last_ms: i64,
}

impl Span {
    pub fn of(time_ms: i64) -> Span {
        Span { first_ms: time_ms, last_ms: time_ms }
    }

    pub fn join(self, other: Span) -> Span {
        Span {
            first_ms: self.first_ms.min(other.first_ms),
            last_ms: self.last_ms.max(other.last_ms),
        }
    }
}
