//! What the caller asks for and is told. Plain data.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use crate::error::PgError;
use crate::install::Version;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSpec {
    /// The DB instance identifier; a directory's name.
    pub id: String,
    /// The network namespace to run in; the daemon's own without one.
    pub netns_path: Option<PathBuf>,
    /// Directories of control groups, which the caller has made: the server is
    /// put into each before it has children.
    pub cgroups: Vec<PathBuf>,
    /// The address of the instance's interface.
    pub listen: Ipv4Addr,
    pub port: u16,
    /// The name by which clients connect; it is put into the certificate.
    pub endpoint: String,
    /// Asked only when the instance is made; afterwards the data says it.
    /// Without one, the newest that is installed.
    pub major_version: Option<u32>,
    /// Used only until the instance is made, as is the password.
    pub master_username: String,
    pub master_password: String,
    /// A database to make; `postgres` is there in any case.
    pub database: Option<String>,
    /// Memory of the instance class, from which RDS computes its defaults.
    pub memory_mib: u32,
    /// From the parameter group: they win over the defaults.
    pub parameters: BTreeMap<String, String>,
    /// `rds.force_ssl`: refuse connections without TLS.
    pub force_ssl: bool,
    /// Start from this snapshot's data when the instance is made.
    pub restore_from: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// It was running already, and as asked.
    Adopted,
    /// It existed and was not running.
    Again,
    /// It ran in another network or on another address, and was restarted.
    Moved,
    /// It was made just now.
    Made,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    pub pid: u32,
    pub version: Version,
    pub started: Started,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// Answers `SELECT 1`.
    Ready,
    /// Runs and does not answer: starting, recovering or stopping.
    NotAnswering {
        reason: String,
    },
    Down,
}

/// RDS's own rule is narrower for instances and wider for snapshots
/// (`rds:name-date`); this one keeps a name a single file's name.
pub(crate) fn check_name(what: &'static str, value: &str) -> Result<(), PgError> {
    let good = !value.is_empty()
        && value.len() <= 255
        && value.starts_with(|c: char| c.is_ascii_alphanumeric())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_:.".contains(c));
    if good {
        return Ok(());
    }
    let allowed = "letters, digits, - _ : and ., a letter or digit first, 255 in all";
    Err(PgError::BadName { what, value: value.to_owned(), allowed })
}

/// What PostgreSQL calls `NAMEDATALEN - 1`, and no NUL.
pub(crate) fn check_sql_name(what: &'static str, value: &str) -> Result<(), PgError> {
    if !value.is_empty() && value.len() <= 63 && !value.contains('\0') {
        return Ok(());
    }
    Err(PgError::BadName { what, value: value.to_owned(), allowed: "1 to 63 bytes" })
}
