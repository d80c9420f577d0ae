//! Bytes of a request into a [`Value`](crate::Value), each by its protocol.

mod cbor;
mod json;
mod query;

pub use cbor::cbor;
pub use json::json;
pub use query::{Form, query};

/// Deeper inputs than this are refused: AWS's deepest shape (WAF statements) needs far less.
const MAX_DEPTH: usize = 64;
