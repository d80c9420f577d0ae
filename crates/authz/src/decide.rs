//! The decision: which statements apply, and what they add up to.
//!
//! ```text
//!   any statement that applies denies ───────────────▶ explicit deny
//!   the resource's policy must allow, and does not ──▶ implicit deny (keys, trust policies)
//!   neither identity nor resource allows ────────────▶ implicit deny
//!   boundary or session policies do not allow ───────▶ implicit deny
//!   else ────────────────────────────────────────────▶ allowed
//! ```
//!
//! One account only: what AWS has for several (organizations, cross-account) is not here.

use crate::pattern::{arn_matches, matches, substitute};
use crate::policy::{Effect, Policy, Scope, Statement};
use crate::position::Position;
use crate::principal::Request;

/// A policy with what it is called: its ARN, or an inline policy's name.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    pub name: &'a str,
    pub policy: &'a Policy,
}

/// All policies that have a say in one request.
#[derive(Clone, Debug, Default)]
pub struct Policies<'a> {
    pub identity: Vec<Named<'a>>,
    /// Where there is a permissions boundary, it has to allow too.
    pub boundary: Option<Named<'a>>,
    /// Where the session was limited, one of these has to allow too.
    pub session: Option<Vec<Named<'a>>>,
    pub resource: Option<Named<'a>>,
    /// Whether nothing is allowed without the resource's policy, as with KMS keys and
    /// trust policies.
    pub resource_must_allow: bool,
}

/// Where a policy stands in the evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    Identity,
    Boundary,
    Session,
    Resource,
}

/// How strongly a resource's policy grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceGrant {
    /// To the account: its identities' own policies decide.
    Delegated,
    /// To the role, a service, or everybody.
    Direct,
    /// To this very session, which neither boundary nor session policies limit.
    Session,
}

/// A statement that applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub layer: Layer,
    pub policy: String,
    pub sid: Option<String>,
    pub effect: Effect,
    pub start: Position,
    pub end: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Denied by a statement of this layer.
    ExplicitDeny(Layer),
    /// Denied because nothing of this layer allows it.
    ImplicitDeny(Layer),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    /// Those that made the decision: the denying ones of an explicit deny, else the allowing ones.
    pub matched: Vec<Match>,
    /// Condition keys that a statement asked for and the request did not have.
    pub missing_keys: Vec<String>,
    /// Whether the boundary allows; `None` without one.
    pub boundary_allows: Option<bool>,
}

impl Decision {
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allowed
    }

    /// The end of AWS's access-denied message: `because no identity-based policy allows the
    /// ecs:RunTask action`. Empty when allowed.
    pub fn because(&self, action: &str) -> String {
        let kind = |layer| match layer {
            Layer::Identity => "identity-based policy",
            Layer::Boundary => "permissions boundary",
            Layer::Session => "session policy",
            Layer::Resource => "resource-based policy",
        };
        match self.verdict {
            Verdict::Allowed => String::new(),
            Verdict::ExplicitDeny(layer) => {
                let article = if layer == Layer::Identity { "an" } else { "a" };
                format!("with an explicit deny in {article} {}", kind(layer))
            }
            Verdict::ImplicitDeny(layer) => {
                format!("because no {} allows the {action} action", kind(layer))
            }
        }
    }
}

/// What the policies of one layer say.
#[derive(Default)]
struct Said {
    allows: Vec<Match>,
    denies: Vec<Match>,
    grant: Option<ResourceGrant>,
}

/// Decides a request.
pub fn decide(policies: &Policies<'_>, request: &Request) -> Decision {
    let mut missing = Vec::new();
    let mut ask = |layer, policies: &[Named<'_>]| ask(layer, policies, request, &mut missing);
    let identity = ask(Layer::Identity, &policies.identity);
    let boundary = policies.boundary.map(|one| ask(Layer::Boundary, &[one]));
    let session = policies.session.as_deref().map(|list| ask(Layer::Session, list));
    let resource = policies.resource.map(|one| ask(Layer::Resource, &[one])).unwrap_or_default();
    missing.sort();
    missing.dedup();

    let boundary_allows = boundary.as_ref().map(|said| !said.allows.is_empty());
    let verdict = verdict(
        &identity,
        boundary.as_ref(),
        session.as_ref(),
        &resource,
        policies.resource_must_allow,
    );
    let all = [Some(identity), boundary, session, Some(resource)];
    let matched = all
        .into_iter()
        .flatten()
        .flat_map(|said| match verdict {
            Verdict::ExplicitDeny(_) => said.denies,
            Verdict::Allowed | Verdict::ImplicitDeny(_) => said.allows,
        })
        .collect();
    Decision { verdict, matched, missing_keys: missing, boundary_allows }
}

fn verdict(
    identity: &Said,
    boundary: Option<&Said>,
    session: Option<&Said>,
    resource: &Said,
    resource_must_allow: bool,
) -> Verdict {
    let layers = [
        (Layer::Identity, Some(identity)),
        (Layer::Boundary, boundary),
        (Layer::Session, session),
        (Layer::Resource, Some(resource)),
    ];
    for (layer, said) in layers {
        if said.is_some_and(|said| !said.denies.is_empty()) {
            return Verdict::ExplicitDeny(layer);
        }
    }
    match resource.grant {
        // A grant to this very session is not limited further.
        Some(ResourceGrant::Session) => return Verdict::Allowed,
        None if resource_must_allow => return Verdict::ImplicitDeny(Layer::Resource),
        Some(ResourceGrant::Direct) => {}
        Some(ResourceGrant::Delegated) | None if identity.allows.is_empty() => {
            return Verdict::ImplicitDeny(Layer::Identity);
        }
        Some(ResourceGrant::Delegated) | None => {}
    }
    for (layer, said) in [(Layer::Boundary, boundary), (Layer::Session, session)] {
        if said.is_some_and(|said| said.allows.is_empty()) {
            return Verdict::ImplicitDeny(layer);
        }
    }
    Verdict::Allowed
}

fn ask(layer: Layer, policies: &[Named<'_>], request: &Request, missing: &mut Vec<String>) -> Said {
    let mut said = Said::default();
    for Named { name, policy } in policies {
        for statement in &policy.statements {
            let Some(grant) = addressed(layer, statement, request) else { continue };
            if !covers(policy, statement, request) {
                continue;
            }
            let absent = statement.conditions.iter().map(|c| &c.key);
            missing.extend(absent.filter(|key| !request.context.contains_key(*key)).cloned());
            if !statement.conditions.iter().all(|c| c.holds(request, policy.has_variables)) {
                continue;
            }
            let found = Match {
                layer,
                policy: (*name).to_owned(),
                sid: statement.sid.clone(),
                effect: statement.effect,
                start: statement.start,
                end: statement.end,
            };
            match statement.effect {
                Effect::Deny => said.denies.push(found),
                Effect::Allow => {
                    said.grant = said.grant.max(Some(grant));
                    said.allows.push(found);
                }
            }
        }
    }
    said
}

/// Whether a statement is about who asks. Identity policies are, always.
fn addressed(layer: Layer, statement: &Statement, request: &Request) -> Option<ResourceGrant> {
    match (&statement.principals, layer) {
        (Some(principals), Layer::Resource) => request.principal.named_in(principals),
        (None, Layer::Resource) => None,
        _ => Some(ResourceGrant::Direct),
    }
}

/// Whether a statement is about the action and the resource.
fn covers(policy: &Policy, statement: &Statement, request: &Request) -> bool {
    let action = request.action.to_ascii_lowercase();
    let of_action = |pattern: &String| matches(&pattern.to_ascii_lowercase(), &action);
    let of_resource = |pattern: &String| match policy.has_variables {
        true => substitute(pattern, |key| request.variable(key))
            .is_some_and(|pattern| arn_matches(&pattern, &request.resource)),
        false => arn_matches(pattern, &request.resource),
    };
    in_scope(&statement.actions, of_action)
        && statement.resources.as_ref().is_none_or(|scope| in_scope(scope, of_resource))
}

fn in_scope(scope: &Scope, is_it: impl Fn(&String) -> bool) -> bool {
    match scope {
        Scope::These(patterns) => patterns.iter().any(is_it),
        Scope::AllBut(patterns) => !patterns.iter().any(is_it),
    }
}

#[cfg(test)]
mod tests;
