//! The memory of CloudWatch Logs: the lines, and nothing but the lines. What a
//! group or a stream is called, tagged and kept for lives in the store; here a
//! stream begins with its first event and ends with its last.
//!
//! ```text
//!  append ─▶ writer (one thread) ─▶ a frame at the end of the stream's segment,
//!                                   fsync for all that waited, publish, answer
//!  follow ─▶ what has arrived since a sequence, in the order of arrival
//!  read   ─▶ catalog (in memory: segments, and a time range per 64 KiB block)
//!            ─▶ the blocks that can matter, from their files, in time order
//! ```
//!
//! Segments are append-only and hold events in the order of arrival; reads
//! order by (timestamp, sequence) as AWS does. Mostly both are the same, and a
//! page touches a block or two; late events cost a block more, never a wrong
//! order. Retention frees whole segments.
//!
//! The crate decides nothing: no limits on names, no retention policy, no
//! clock.

mod arrivals;
mod block;
mod catalog;
mod error;
mod event;
mod frame;
mod lines;
mod opening;
mod page;
mod position;
mod scan;
mod segment;
mod writer;

pub use arrivals::Arrivals;
pub use error::{LogError, OpenError};
pub use event::{Event, NewEvent, StreamStats, event_size};
pub use lines::{Incoming, LogLines, Tail};
pub use page::{Filter, FilteredPage, Page, Read, Streams};
pub use position::time_of_id;
pub use scan::{Scan, Scanned};
