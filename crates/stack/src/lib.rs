//! What a directory of Terraform's files describes, and how it comes to be.

pub mod address;
pub mod state;
