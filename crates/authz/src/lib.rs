//! IAM as a function: policy documents and a request in, a decision with its
//! reason out.
//!
//! ```text
//!   document text ── Policy::parse ──▶ Policy ─┐
//!   (or Malformed, in AWS's words)             ├─ decide ──▶ Decision { verdict, matched }
//!   who, action, resource, condition keys ─────┘
//! ```
//!
//! The order of evaluation is AWS's ("Policy evaluation logic" in the IAM user
//! guide): an explicit deny anywhere wins; then the identity's policies, or the
//! resource's own, must allow; then the permissions boundary and the session's
//! policies, where there are any, must allow as well.
//!
//! Nothing here knows a role, a store or a clock: `api-iam` gathers the policies
//! and the condition keys.

mod condition;
mod decide;
mod malformed;
mod parse;
mod pattern;
mod policy;
mod position;
mod principal;

pub use condition::{Condition, Operator, Quantifier, Test};
pub use decide::{Decision, Layer, Match, Named, Policies, ResourceGrant, Verdict, decide};
pub use malformed::Malformed;
pub use pattern::{arn_matches, matches, substitute};
pub use policy::{Effect, Kind, Policy, Principals, Scope, Statement};
pub use position::Position;
pub use principal::{Principal, Request};
