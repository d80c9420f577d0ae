//! Availability zones.

pub mod describe;
