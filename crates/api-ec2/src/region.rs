//! Regions.

pub mod describe;
