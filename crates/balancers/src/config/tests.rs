//! The configuration of a whole stack.
