//! The RDS hand: each DB instance is a PostgreSQL server of its own, from the
//! machine's own packages, inside the network namespace that it is given.
//!
//! ```text
//!  <root>/ca/                     signs every server's certificate
//!  <root>/templates/<version>/    a cluster fresh from initdb, copied for each
//!  <root>/instances/<id>/data/    the cluster; its socket and logs are inside
//!                    /made        there once roles and database exist
//!  <root>/snapshots/<name>/data/  a cluster at rest
//! ```
//!
//! As on RDS, the superuser is `rdsadmin`, who can't log in over the network;
//! the master user is a member of `rds_superuser` and owns the database.
//!
//! A server outlives the daemon: the next one finds it by the process whose
//! working directory is the instance's data. This crate keeps no state but
//! those files, and decides nothing: when an instance should exist, restart or
//! go is the caller's to say.

mod bootstrap;
mod certificate;
mod create;
mod error;
mod install;
mod launch;
mod layout;
mod postgres;
mod process;
mod psql;
mod server;
mod settings;
mod snapshot;
mod spec;
mod usage;

pub use error::PgError;
pub use install::{Installation, Version};
pub use postgres::{Config, Postgres};
pub use spec::{Health, InstanceSpec, Running, Started};
pub use usage::Usage;

#[cfg(test)]
mod real;
