//! AWS's resources and data sources as a provider of the engine: a file for each in
//! `resources/` and `data/`, written against AWS's APIs through `neargate-aws-client`.
//!
//! ```text
//! engine ─▶ provider ─▶ plan (pure: schema and facts)
//!                    └▶ resources/…, data/… ─▶ aws-client ─▶ AWS, or a Neargate
//! ```
//!
//! Names of attributes, defaults, what is computed, what a change replaces and the form
//! of the state are those of Terraform's AWS provider 5.100, so that a stack can go from
//! one to the other. Its schemas are in `neargate-stack`; what they do not say is each
//! resource's `facts`.

mod attributes;
mod cloud;
mod configured;
mod data;
mod imagined;
mod plan;
mod policy;
mod provider;
mod recover;
mod resource;
mod resources;
mod tags;
mod timeouts;
mod unsent;
mod waits;

pub use imagined::Imagined;
pub use provider::{Aws, SOURCE};
