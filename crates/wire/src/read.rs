//! Bytes into a [`Value`](crate::Value), each by its protocol: of requests (JSON,
//! CBOR, query, EC2 query) and of answers (JSON, XML, errors).

mod cbor;
mod element;
mod error;
mod json;
mod query;
mod xml;

pub use cbor::cbor;
pub use element::Element;
pub use error::{ErrorAnswer, json_error, xml_error};
pub use json::json;
pub use query::{Form, query};
pub use xml::{ec2_answer, query_answer};

/// Deeper inputs than this are refused: AWS's deepest shape (WAF statements) needs far less.
const MAX_DEPTH: usize = 64;
