//! Managed policies on roles.

pub mod attach;
pub mod detach;
pub mod list;

/// Managed policies that one role can have.
const POLICIES_PER_ROLE: usize = 10;
