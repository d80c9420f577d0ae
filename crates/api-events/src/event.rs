//! Events of customers, and the test of a pattern.

pub mod put;
pub mod test;
