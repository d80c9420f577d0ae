//! What can go wrong when a store opens, and when it writes. None of these is
//! an AWS error: a service maps what reaches it to its own internal failure.

use std::path::PathBuf;

/// Why a store could not be opened. The file is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "another neargate uses {}: stop it, or choose another data directory",
        directory(.path).display()
    )]
    InUse { path: PathBuf },

    #[error(
        "{} holds a table `{table}` that this neargate does not know: it was written by a newer \
         version",
        .path.display()
    )]
    UnknownTable { path: PathBuf, table: String },

    #[error(
        "{}: the record `{key}` of table `{table}` is not what this neargate expects: {source}",
        .path.display()
    )]
    Record { path: PathBuf, table: String, key: String, source: serde_json::Error },

    #[error("{}: the store cannot be opened: {source}", .path.display())]
    File { path: PathBuf, source: Box<redb::Error> },

    #[error("the store's writer thread cannot be started: {0}")]
    Thread(std::io::Error),
}

/// The directory that a user knows the store's file by.
fn directory(path: &std::path::Path) -> &std::path::Path {
    path.parent().unwrap_or(path)
}

/// Why a write was not kept. Nothing of its closure is in the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("the change could not be written to disk, and was undone: {0}")]
    Commit(String),

    #[error("the change was undone, because it panicked: {0}")]
    Panicked(String),

    #[error("the record `{key}` of table `{table}` cannot be stored: {reason}")]
    Encode { table: &'static str, key: String, reason: String },

    #[error("the store is closed")]
    Closed,
}

/// [`Tx::insert`](crate::Tx::insert) found a record under this key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` already exists in `{table}`")]
pub struct AlreadyExists {
    pub table: &'static str,
    pub key: String,
}
