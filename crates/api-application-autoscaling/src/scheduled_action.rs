//! Scheduled actions: what their operations share.

pub mod delete;
pub mod describe;
pub mod put;
