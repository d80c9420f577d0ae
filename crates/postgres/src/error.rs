//! What can go wrong with a database server, and where a person can act, what
//! to do.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum PgError {
    #[error(
        "no PostgreSQL server was found in {searched}: install it (Debian, Ubuntu: apt install postgresql) or name the directory of its programs"
    )]
    NotInstalled { searched: String },

    #[error(
        "PostgreSQL {wanted} is needed for {for_what} and only {found} is installed: install it (Debian, Ubuntu: apt install postgresql-{wanted})"
    )]
    VersionMissing { wanted: u32, found: String, for_what: String },

    #[error(
        "PostgreSQL refuses to run as root, and the machine has neither a user postgres nor nobody: name one"
    )]
    NoUser,

    #[error("user {0} does not exist on this machine")]
    UnknownUser(String),

    #[error("{what} {value:?} can't be used: {allowed}")]
    BadName { what: &'static str, value: String, allowed: &'static str },

    #[error("parameter {name}: {reason}")]
    BadParameter { name: String, reason: String },

    #[error("DB instance {0} does not exist")]
    UnknownInstance(String),

    #[error("snapshot {0} does not exist")]
    UnknownSnapshot(String),

    #[error("snapshot {0} exists already")]
    SnapshotExists(String),

    #[error("the server of {id} did not start: {log}")]
    NotStarted { id: String, log: String },

    #[error("the server of {id} (process {pid}) did not stop")]
    NotStopped { id: String, pid: u32 },

    #[error("{program} failed: {output}")]
    Failed { program: String, output: String },

    #[error("making a certificate: {0}")]
    Certificate(#[from] rcgen::Error),

    #[error("{doing} {path}: {source}")]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

impl PgError {
    /// For `map_err`: names what was being done, and to what.
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
