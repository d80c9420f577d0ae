//! The account's API calls, one line of JSON each, in segments that are only
//! ever appended to.
//!
//! ```text
//! a request ──▶ queue (bounded in bytes) ──▶ one thread ──▶ DIR/<number>.jsonl
//!                                                              │ forward: what trails deliver
//!                                                              └ backward: what LookupEvents finds
//! ```
//!
//! **No request waits for the log.** An entry is made on the log's own thread
//! out of what the request left; a queue that is full drops what comes, counts
//! it and says so. Nothing is synced entry by entry: a `kill -9` loses what was
//! answered within the last moments, a loss of power what the kernel had not
//! written, as AWS too delivers as well as it can and promises no more.
//!
//! **It does not grow without end**: the oldest segments go when all of them are
//! larger than the limit, or when their entries are older than AWS keeps them.

mod entry;
mod limits;
mod log;
mod read;
mod segment;
mod writer;

pub use entry::Entry;
pub use limits::Limits;
pub use log::EventLog;
pub use read::{Ahead, Found};
pub use segment::Position;

#[cfg(test)]
mod tests;
