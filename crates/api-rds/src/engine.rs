//! The engine, which is PostgreSQL, and what can be ordered of it.

pub mod describe_orderable;
pub mod describe_versions;

use neargate_api::model::rds::{Version, resolve};
use neargate_api::{AwsError, Snapshot};

use crate::error;

/// The certificate authorities that an instance can name.
/// Source: "Using SSL/TLS to encrypt a connection" in the RDS guide.
pub const AUTHORITIES: [&str; 3] = ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"];

/// The kinds of storage that an instance can have.
pub const STORAGE_TYPES: [&str; 5] = ["gp2", "gp3", "io1", "io2", "standard"];

/// Refuses engines that are not PostgreSQL.
pub fn check(engine: &str) -> Result<(), AwsError> {
    match engine {
        "postgres" => Ok(()),
        other => Err(error::invalid_value(format!(
            "Invalid DB engine: {other}. Neargate runs the engine postgres only."
        ))),
    }
}

/// The version that was asked for.
pub fn version(snapshot: &Snapshot, asked: Option<&str>) -> Result<Version, AwsError> {
    resolve(snapshot, asked).ok_or_else(|| {
        let asked = asked.unwrap_or_default();
        error::invalid_combination(format!("Cannot find version {asked} for postgres"))
    })
}
