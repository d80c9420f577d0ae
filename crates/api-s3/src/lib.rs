//! Amazon S3 over REST, which is unlike all other services: the operation is in
//! method, path and query, bodies stream, and errors are XML of their own.
//!
//! ```text
//! request ─▶ call (bucket, key, query) ─▶ authenticate ─▶ operation ─▶ authorize ─▶ one transaction ─▶ answer
//!                                             │                            │
//!                                    403 InvalidAccessKeyId…   bucket policy + the caller's policies
//! ```
//!
//! The bytes of objects are blobs in a store of this crate's own, by digest;
//! records name them ([`neargate_api::model::s3`]). A complete upload in parts
//! is the list of its parts: nothing is copied. Documents of sub-resources
//! (policy, lifecycle, …) are kept and shown back as they were given, and told
//! as inert where nothing acts on them.
//!
//! **An object is on disk before its PUT is answered**, and no object is ever
//! whole in memory.

mod account;
mod answer;
mod bucket;
mod call;
mod checksum;
mod chunked;
mod configuration;
mod deliver;
mod error;
mod inert;
mod listing;
mod name;
mod object;
mod payload;
mod route;
mod service;
mod upload;
mod xml;

pub use answer::Body;
pub use deliver::{OnBehalf, account_may, service_may};
pub use inert::inert;
pub use name::{ManagementCall, management_call};
pub use service::{Authenticate, Handled, S3, Signed};
