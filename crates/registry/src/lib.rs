//! The OCI distribution API (`/v2/`), as ECR serves it.
//!
//! This is a hand: it moves bytes between HTTP and the blob store and says what
//! it saw. What a repository is, who may do what and which tag names what is
//! behind [`Repositories`], which the ECR service implements over our store.
//!
//! ```text
//! request ─▶ route ─▶ authorize ─▶ permit(action, repository) ─▶ handler
//!              │           │                │                      │
//!           404/405       401         403/404 as ECR        blobs + Repositories
//! ```
//!
//! Mount [`Registry::handle`] where the path is `/v2` or begins with `/v2/`.
//!
//! **No layer is ever whole in memory**: bodies stream in both directions, half
//! a megabyte at a time, and a client that stalls for a minute is let go, its
//! upload kept. **Nothing is acknowledged before it is durable.** Manifests are
//! blobs too, by their digest; the bytes served are the bytes that came.
//!
//! Sources: OCI distribution-spec 1.1; the errors are ECR's where ECR has its
//! own words.

mod answer;
mod auth;
mod blobs;
mod incoming;
mod manifests;
mod refusal;
mod registry;
mod repositories;
mod route;
mod tags;
mod uploads;

pub use answer::Body;
pub use auth::Credentials;
pub use refusal::{Code, Refusal};
pub use registry::Registry;
pub use repositories::{
    Access, Action, ManifestPut, ManifestRecord, ManifestReference, Referrer, Repositories,
};
