//! RDS: database instances, all of PostgreSQL, and what they are configured by.
//!
//! ```text
//! SubnetGroup ──┐
//! ParameterGroup┴─ DbInstance ─┬─ an interface in one of the group's subnets
//!                              ├─ DbSnapshot
//!                              └─ DbEvent
//! ```
//!
//! The key of each record is `region/name`; names are lower case, as RDS stores
//! them. An operation writes what is wanted into the instance's status; the
//! database loop does it, and writes the next status. Passwords are never here:
//! an instance has the verifier that PostgreSQL itself would store.

use neargate_store::Tables;

mod class;
mod engine;
mod event;
mod instance;
pub mod modification;
mod names;
mod parameter;
mod parameter_group;
mod snapshot;
mod subnet_group;
mod window;

pub use class::{memory_mib, vcpus};
pub use engine::{Installed, Version, all_versions, family_of, newest, resolve};
pub use event::{DbEvent, SourceType, note};
pub use instance::{DbInstance, ManagedSecret, Status};
pub use names::{addresses, endpoint};
pub use parameter::{BadValue, Parameter, parameter, parameters};
pub use parameter_group::{ParameterGroup, SetParameter, defaults_of};
pub use snapshot::{DbSnapshot, SnapshotKind, SnapshotStatus};
pub use subnet_group::SubnetGroup;
pub use window::{BackupWindow, BadWindow, MaintenanceWindow};

/// The key of a record of this module.
pub fn key(region: &str, name: &str) -> String {
    format!("{region}/{}", name.to_ascii_lowercase())
}

/// The beginning of all keys of a region.
pub fn prefix(region: &str) -> String {
    format!("{region}/")
}

/// Declares this module's tables.
pub(crate) fn tables(tables: Tables) -> Tables {
    tables
        .with::<DbInstance>()
        .with::<SubnetGroup>()
        .with::<ParameterGroup>()
        .with::<DbSnapshot>()
        .with::<DbEvent>()
        .with::<Installed>()
}
