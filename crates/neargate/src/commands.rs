//! The commands, a file each.

pub mod down;
pub mod env;
pub mod image;
pub mod up;
