//! The resource policy of a secret. `governed` in `lib.rs` has it evaluated.

pub mod delete;
pub mod get;
pub mod put;
pub mod validate;

use neargate_authz::{Effect, Kind, Malformed, Policy, Principals, Statement};

/// Reads a policy as one of a resource.
fn parse(text: &str) -> Result<Policy, Malformed> {
    Policy::parse(text, Kind::Resource)
}

/// Whether a policy lets everybody in, with no condition.
fn is_public(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && statement.conditions.is_empty()
            && names_everybody(statement)
    })
}

fn names_everybody(statement: &Statement) -> bool {
    match &statement.principals {
        Some(Principals::These(principals)) => {
            principals.iter().any(|(kind, value)| kind == "AWS" && value == "*")
        }
        Some(Principals::AllBut(_)) => true,
        None => false,
    }
}
