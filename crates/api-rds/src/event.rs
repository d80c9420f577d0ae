//! Events: what happened to instances, snapshots and groups.

pub mod describe;
