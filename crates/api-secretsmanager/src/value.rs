//! The values of a secret's versions: the only operations that open them.

pub mod batch_get;
pub mod get;
pub mod put;
