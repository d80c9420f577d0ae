//! A policy document, once it has been read.

use crate::condition::Condition;
use crate::malformed::Malformed;
use crate::position::Position;

/// What a document is for: each kind has other elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Attached to a role: no principal, and a resource in each statement.
    Identity,
    /// A role's trust policy: a principal, no resource, and only `sts` actions.
    Trust,
    /// A resource's own policy: a principal and, in most services, a resource.
    Resource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// `Action` and `Resource`, or their `Not…` counterparts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    These(Vec<String>),
    AllBut(Vec<String>),
}

/// `Principal` and `NotPrincipal`: pairs of type (`AWS`, `Service`, `Federated`,
/// `CanonicalUser`) and value. `"*"` alone is `("AWS", "*")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principals {
    These(Vec<(String, String)>),
    AllBut(Vec<(String, String)>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub sid: Option<String>,
    pub effect: Effect,
    pub actions: Scope,
    /// None in trust policies, and where a resource's policy leaves it out: the resource itself.
    pub resources: Option<Scope>,
    pub principals: Option<Principals>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// Where it begins and ends in the document.
    pub start: Position,
    pub end: Position,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Variables (`${aws:PrincipalTag/team}`) are read as such only since version 2012-10-17.
    pub has_variables: bool,
    pub statements: Vec<Statement>,
}

impl Policy {
    /// Reads and checks a document.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Malformed> {
        crate::parse::policy(text, kind)
    }

    /// The condition keys that this policy asks for, in lower case.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|s| s.conditions.iter().map(|c| c.key.as_str()))
    }
}
