//! The edge: one port on which all the AWS APIs, the image registry, S3 and
//! Neargate's own pages are served.
//!
//! ```text
//! connection ─▶ route by path (/v2/, /_neargate/, S3) ─▶ their own handlers
//!                └▶ recognise ─▶ read body ─▶ verify signature ─▶ decode ─▶ validate ─▶ Service::call ─▶ answer
//! ```
//!
//! It knows protocols and no service: what an operation means is in the
//! `api-*` crates. A slow, silent or endless client costs a bounded buffer and
//! nothing else.

mod aws;
mod body;
mod event_stream;
mod recognise;
mod serve;
mod signature_v2;

pub use aws::{AwsApi, origin};
pub use body::{Body, ReadBodyError, full, read_body};
pub use neargate_sigv4::{
    CredentialScope, Presented, SignatureError, SignedRequest, presented, signing_key, verify,
};
pub use recognise::{Recognised, Target, recognise};
pub use serve::{Edge, Handle, Peer, Route, serve};
pub use signature_v2::{PresentedV2, presented_v2};
