//! Scaling policies: what their operations share.

pub mod alarms;
pub mod delete;
pub mod describe;
pub mod put;
