//! The account.

pub mod describe_attributes;
