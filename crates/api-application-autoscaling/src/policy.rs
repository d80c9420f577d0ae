//! Scaling policies: what their operations share.

mod alarms;
pub mod delete;
pub mod describe;
pub mod forecast;
mod metric;
pub mod predictive;
pub mod put;
mod step;
