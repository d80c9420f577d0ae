//! The one store of the control plane: every fact that Neargate acknowledges is
//! in here, and nowhere else.
//!
//! ```text
//!   write(closure) ──▶ writer ──▶ apply each to a working copy (undo on Err or panic),
//!                                with what follows from it ([`Tables::followed_by`])
//!   write(closure) ──▶ (one)  ──▶ one redb transaction for all of them, fsync
//!   write(closure) ──▶        ──▶ publish the snapshot, wake watchers, answer all
//!   snapshot() ◀── ArcSwap: the whole state, immutable, in memory
//! ```
//!
//! The state is small (thousands of records) and read far more than written, so
//! all of it lives in memory as persistent maps, where a snapshot is one
//! reference count; redb is the durable copy, read only when the store opens.
//! What `write` answers with `Ok` is on disk.
//!
//! This crate decides nothing and knows no resource: the types that it holds
//! are declared by its caller ([`Tables`]). Log lines and metrics, which are
//! large and append-only, live in crates of their own.

mod durable;
mod error;
#[cfg(test)]
mod faults;
mod record;
mod snapshot;
mod state;
mod store;
mod transaction;
mod writer;

pub use error::{AlreadyExists, OpenError, StoreError};
pub use record::{Record, Tables};
pub use snapshot::Snapshot;
pub use store::{Changes, Store};
pub use transaction::Tx;
