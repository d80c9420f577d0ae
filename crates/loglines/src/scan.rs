//! All events of a group within a range of time, block by block and in no order: for queries
//! that look at much and keep little.

use std::sync::Arc;

use crate::catalog::Source;
use crate::error::LogError;
use crate::event::Event;
use crate::frame::Stored;

/// The events at or after the first time, and before the second.
#[derive(Clone, Copy, Debug)]
pub struct Scan {
    pub start_ms: i64,
    pub end_ms: i64,
}

/// An event in a block that is being read.
pub struct Scanned<'a> {
    stored: Stored<'a>,
    pub stream: &'a Arc<str>,
}

impl Scanned<'_> {
    pub fn timestamp_ms(&self) -> i64 {
        self.stored.timestamp_ms
    }

    pub fn ingestion_ms(&self) -> i64 {
        self.stored.ingestion_ms
    }

    pub fn message(&self) -> &str {
        self.stored.message
    }

    /// What it is called by; see [`Event::id`].
    pub fn id(&self) -> String {
        self.stored.position().digits()
    }

    pub fn to_event(&self) -> Event {
        self.stored.to_event(self.stream)
    }
}

pub(crate) fn scan(
    sources: Vec<Source>,
    scan: Scan,
    expired_before_ms: i64,
    mut visit: impl FnMut(Scanned<'_>) -> bool,
) -> Result<(), LogError> {
    let window = scan.start_ms.max(expired_before_ms)..scan.end_ms;
    let mut goes_on = true;
    for source in &sources {
        let span = source.block.summary.span;
        if !goes_on || span.last_ms < window.start || span.first_ms >= window.end {
            continue;
        }
        source.visit(|stored| {
            if goes_on && window.contains(&stored.timestamp_ms) {
                goes_on = visit(Scanned { stored, stream: &source.stream });
            }
        })?;
    }
    Ok(())
}
