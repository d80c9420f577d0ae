//! One append as bytes: `length u32 | crc32 u32 | events`, little-endian, where
//! the checksum covers the events. A frame is there whole or not at all: what
//! a crash left half-written does not check, and ends the segment.

use std::sync::Arc;

use crate::event::{Event, NewEvent, Span, event_size};
use crate::position::Position;

/// Of a frame before its events.
pub(crate) const HEADER: usize = 8;

/// No frame is larger: a length beyond it is damage, not data.
const MAX_LENGTH: usize = 1 << 30;

/// What is known of some events without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Summary {
    pub span: Span,
    pub last_ingestion_ms: i64,
    /// By [`event_size`].
    pub stored_bytes: u64,
    /// Of the first and the last to arrive. Indexes of long ago do not say.
    #[serde(default)]
    pub first_sequence: u64,
    #[serde(default)]
    pub last_sequence: u64,
}

impl Summary {
    fn of(sequence: u64, timestamp_ms: i64, ingestion_ms: i64, message: &str) -> Summary {
        Summary {
            first_sequence: sequence,
            last_sequence: sequence,
            span: Span::of(timestamp_ms),
            last_ingestion_ms: ingestion_ms,
            stored_bytes: event_size(message),
        }
    }

    pub fn join(self, other: Summary) -> Summary {
        Summary {
            span: self.span.join(other.span),
            last_ingestion_ms: self.last_ingestion_ms.max(other.last_ingestion_ms),
            stored_bytes: self.stored_bytes + other.stored_bytes,
            first_sequence: self.first_sequence.min(other.first_sequence),
            last_sequence: self.last_sequence.max(other.last_sequence),
        }
    }
}

/// An event inside of a frame's bytes.
pub(crate) struct Stored<'a> {
    pub sequence: u64,
    pub timestamp_ms: i64,
    pub ingestion_ms: i64,
    pub message: &'a str,
}

impl Stored<'_> {
    pub fn position(&self) -> Position {
        Position::of(self.timestamp_ms, self.sequence)
    }

    pub fn to_event(&self, stream: &Arc<str>) -> Event {
        Event {
            timestamp_ms: self.timestamp_ms,
            ingestion_ms: self.ingestion_ms,
            message: self.message.to_owned(),
            stream: Arc::clone(stream),
            id: self.position().digits(),
        }
    }
}

/// Adds `events` to `out` as one frame; `None`, and nothing added, when there
/// are none.
pub(crate) fn encode(
    first_sequence: u64,
    events: &[NewEvent],
    out: &mut Vec<u8>,
) -> Option<Summary> {
    let start = out.len();
    out.extend([0; HEADER]);
    out.extend(first_sequence.to_le_bytes());
    let mut summary: Option<Summary> = None;
    for (event, sequence) in events.iter().zip(first_sequence..) {
        // Times before 1970 have no event id.
        let timestamp_ms = event.timestamp_ms.max(0);
        out.extend(timestamp_ms.to_le_bytes());
        out.extend(event.ingestion_ms.to_le_bytes());
        out.extend((event.message.len() as u32).to_le_bytes());
        out.extend(event.message.as_bytes());
        let one = Summary::of(sequence, timestamp_ms, event.ingestion_ms, &event.message);
        summary = Some(summary.map_or(one, |all| all.join(one)));
    }
    if summary.is_none() {
        out.truncate(start);
        return None;
    }
    let events = &out[start + HEADER..];
    let (length, crc) = (events.len() as u32, crc32fast::hash(events));
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + HEADER].copy_from_slice(&crc.to_le_bytes());
    summary
}

/// The first frame of `bytes`: how long it is with its header, and its events;
/// `None` when it is not whole.
pub(crate) fn decode(bytes: &[u8]) -> Option<(usize, Events<'_>)> {
    let mut rest = bytes;
    let length = u32::from_le_bytes(take(&mut rest)?) as usize;
    let crc = u32::from_le_bytes(take(&mut rest)?);
    if length > MAX_LENGTH {
        return None;
    }
    let mut events = rest.get(..length)?;
    if crc32fast::hash(events) != crc {
        return None;
    }
    let sequence = u64::from_le_bytes(take(&mut events)?);
    Some((HEADER + length, Events { rest: events, sequence }))
}

/// What is known of a frame's events; `None` when there are none.
pub(crate) fn summarize(events: Events<'_>) -> Option<Summary> {
    events
        .map(|e| Summary::of(e.sequence, e.timestamp_ms, e.ingestion_ms, e.message))
        .reduce(Summary::join)
}

/// The events of a frame, in the order of their arrival.
pub(crate) struct Events<'a> {
    rest: &'a [u8],
    sequence: u64,
}

impl<'a> Iterator for Events<'a> {
    type Item = Stored<'a>;

    /// Frames are only read after their checksum held, so that an end in the
    /// middle of an event does not happen; it would end the frame.
    fn next(&mut self) -> Option<Stored<'a>> {
        let timestamp_ms = i64::from_le_bytes(take(&mut self.rest)?);
        let ingestion_ms = i64::from_le_bytes(take(&mut self.rest)?);
        let length = u32::from_le_bytes(take(&mut self.rest)?) as usize;
        let (message, rest) = self.rest.split_at_checked(length)?;
        let message = std::str::from_utf8(message).ok()?;
        let sequence = self.sequence;
        self.rest = rest;
        self.sequence += 1;
        Some(Stored { sequence, timestamp_ms, ingestion_ms, message })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}
