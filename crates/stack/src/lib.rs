//! What a directory of Terraform's files describes, and how it comes to be.
//!
//! ```text
//! files ─ config ─▶ Config ─┐
//! tfvars, -var ─ variables ─┼─ graph, eval ─ plan ─▶ Plan ─ apply ─▶ State
//! state file ─ state ───────┘         schema, provider
//! ```
//!
//! Nothing here knows what a resource is: `provider::Provider` is asked. The language is
//! `neargate-hcl`.

pub mod address;
pub mod apply;
pub mod config;
pub mod console;
pub mod eval;
pub mod graph;
pub mod import;
pub mod inputs;
mod known;
pub mod objects;
pub mod paths;
pub mod plan;
pub mod provider;
pub mod render;
pub mod run;
pub mod saved;
pub mod schema;
pub mod show;
pub mod state;
pub mod validate;
