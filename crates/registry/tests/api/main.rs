//! The registry over real HTTP: request by request, and as skopeo uses it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod manifests;
mod pulled;
mod skopeo;
mod support;
mod uploads;
