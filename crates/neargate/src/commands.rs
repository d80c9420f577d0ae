//! The commands, a file each.

pub mod env;
pub mod up;
