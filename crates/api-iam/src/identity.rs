//! Who a key belongs to, and what its holder may do.
//!
//! ```text
//!   the operator's key ──▶ everything
//!   ASIA… + token ── key of this instance ──▶ role id, name, expiry ── role still there? ──▶ policies ──▶ authz
//! ```
//!
//! Nothing is kept of a session: all of it is in its token, sealed by a key under the
//! data directory. A session ends when it expires, or with its role.

mod gather;
mod seal;

use std::path::Path;

use neargate_api::model::iam::Role;
use neargate_api::{
    Arn, Caller, Credential, Denied, Identity, Opener, Question, Session, Snapshot, Timestamp,
    Wanted,
};
use neargate_authz::{Kind, Policy, Principal, Request, Verdict, decide};

pub(crate) use gather::{Gathered, SUPPLIED_KEYS, account_of, session_arn};
pub use seal::OpenError;
use seal::{Sealed, Sealer};

/// The key that may do everything.
#[derive(Clone, Debug)]
pub struct OperatorKey {
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl OperatorKey {
    /// What `--access-key` is unless it is given.
    pub const ACCESS_KEY_ID: &str = "test";
    /// What `--secret-key` is unless it is given.
    pub const SECRET_ACCESS_KEY: &str = "test";

    /// Whether it is the one that everybody knows.
    pub fn is_default(&self) -> bool {
        self.access_key_id == Self::ACCESS_KEY_ID
            && self.secret_access_key == Self::SECRET_ACCESS_KEY
    }
}

/// IAM, as the edge and the operations ask it.
pub struct Iam {
    operator: OperatorKey,
    sealer: Sealer,
}

impl Iam {
    /// Opens the key of this instance, or makes it.
    pub fn open(data_dir: &Path, operator: OperatorKey) -> Result<Self, OpenError> {
        Ok(Iam { operator, sealer: Sealer::open(data_dir)? })
    }
}

impl Identity for Iam {
    fn credential(
        &self,
        snapshot: &Snapshot,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Option<Credential> {
        let Some(token) = session_token.filter(|token| !token.is_empty()) else {
            return (access_key_id == self.operator.access_key_id).then(|| Credential {
                secret_access_key: self.operator.secret_access_key.clone(),
                expires_at: None,
                caller: Caller::Operator,
            });
        };
        let (sealed, secret_access_key) = self.sealer.unseal(access_key_id, token)?;
        if let Caller::Role { role_name, role_id, .. } = &sealed.caller {
            snapshot.get::<Role>(role_name).filter(|role| role.role_id == *role_id)?;
        }
        Some(Credential {
            secret_access_key,
            expires_at: Some(sealed.expires_at),
            caller: sealed.caller,
        })
    }

    fn open_session(&self, snapshot: &Snapshot, wanted: &Wanted<'_>) -> Result<Session, Denied> {
        let name = wanted.role_arn.rsplit('/').next().unwrap_or_default();
        let role = snapshot.get::<Role>(name).filter(|role| role.arn == wanted.role_arn);
        let role = role.ok_or_else(|| cannot_assume(snapshot, wanted))?;
        self.may_assume(snapshot, &role, wanted)?;
        let caller = Caller::Role {
            role_name: role.name.clone(),
            role_id: role.role_id.clone(),
            session_name: wanted.session_name.to_owned(),
            session_policies: wanted.session_policies.clone(),
        };
        Ok(self.sealer.seal(Sealed { caller, expires_at: wanted.expires_at }))
    }

    fn operator_session(&self, expires_at: Timestamp) -> Session {
        self.sealer.seal(Sealed { caller: Caller::Operator, expires_at })
    }

    fn authorize(
        &self,
        snapshot: &Snapshot,
        caller: &Caller,
        asked: &Question<'_>,
    ) -> Result<(), Denied> {
        if *caller == Caller::Operator {
            return operator_may(asked);
        }
        let role = role_of(snapshot, caller)
            .ok_or_else(|| Denied::new("The security token included in the request is invalid."))?;
        let mut gathered = Gathered::of_role(snapshot, &role);
        gathered.limit_to_session(caller);
        if let Some(text) = asked.resource_policy {
            gathered.resource = Policy::parse(text, Kind::Resource).ok();
        }
        let request = gather::request(&role, caller, asked);
        let decision = decide(&gathered.policies(), &request);
        match decision.is_allowed() {
            true => Ok(()),
            false => Err(refusal(&role, caller, asked, &decision.because(asked.action))),
        }
    }
}

impl Iam {
    /// Whether the trust policy of `role` (and, where that leaves it to the account, the
    /// opener's own policies) lets the opener have a session.
    fn may_assume(
        &self,
        snapshot: &Snapshot,
        role: &Role,
        wanted: &Wanted<'_>,
    ) -> Result<(), Denied> {
        let asked = Question {
            context: &wanted
                .external_id
                .map(|id| ("sts:externalid", id.to_owned()))
                .into_iter()
                .collect::<Vec<_>>(),
            ..Question::new("sts:AssumeRole", &role.arn, "us-east-1", wanted.now)
        };
        let (mut gathered, request) = match wanted.opener {
            Opener::Service { name, source_arn } => {
                (Gathered::default(), service_request(name, source_arn, &asked))
            }
            Opener::Caller(Caller::Operator) => {
                (Gathered::default(), gather::operator_request(account_of(&role.arn), &asked))
            }
            Opener::Caller(caller) => {
                let own =
                    role_of(snapshot, caller).ok_or_else(|| cannot_assume(snapshot, wanted))?;
                let mut gathered = Gathered::of_role(snapshot, &own);
                gathered.limit_to_session(caller);
                (gathered, gather::request(&own, caller, &asked))
            }
        };
        gathered.resource = Policy::parse(&role.trust_policy, Kind::Trust).ok();
        let mut policies = gathered.policies();
        policies.resource_must_allow = true;
        match decide(&policies, &request).is_allowed() {
            true => Ok(()),
            false => Err(cannot_assume(snapshot, wanted)),
        }
    }
}

/// The operator may do everything but what a resource's own policy denies to everybody; and
/// that policy itself can always be seen and mended.
fn operator_may(asked: &Question<'_>) -> Result<(), Denied> {
    let mends = ["BucketPolicy", "KeyPolicy", "RepositoryPolicy", "ResourcePolicy"]
        .iter()
        .any(|policy| asked.action.ends_with(policy));
    let policy = asked.resource_policy.filter(|_| !mends);
    let Some(policy) = policy.and_then(|text| Policy::parse(text, Kind::Resource).ok()) else {
        return Ok(());
    };
    let named = asked.context.iter().find(|(key, _)| *key == "aws:resourceaccount");
    let account = named.map_or_else(|| account_of(asked.resource), |(_, account)| account);
    let gathered = Gathered { resource: Some(policy), ..Gathered::default() };
    let decision = decide(&gathered.policies(), &gather::operator_request(account, asked));
    match decision.verdict {
        Verdict::ExplicitDeny(_) => Err(Denied::new(format!(
            "User: {} is not authorized to perform: {} on resource: {} {}",
            Caller::Operator.arn(account),
            asked.action,
            asked.resource,
            decision.because(asked.action)
        ))),
        Verdict::Allowed | Verdict::ImplicitDeny(_) => Ok(()),
    }
}

/// The role of a session, if it is the very one that the session was opened for.
fn role_of(snapshot: &Snapshot, caller: &Caller) -> Option<std::sync::Arc<Role>> {
    let Caller::Role { role_name, role_id, .. } = caller else { return None };
    snapshot.get::<Role>(role_name).filter(|role| role.role_id == *role_id)
}

fn service_request(name: &str, source_arn: &str, asked: &Question<'_>) -> Request {
    let mut context = gather::context(asked);
    context.insert("aws:sourcearn".into(), vec![source_arn.to_owned()]);
    if let Ok(arn) = source_arn.parse::<Arn>() {
        context.insert("aws:sourceaccount".into(), vec![arn.account]);
    }
    context.insert("aws:principalisawsservice".into(), vec!["true".into()]);
    context.insert("aws:principalservicename".into(), vec![name.to_owned()]);
    Request {
        principal: Principal::Service { name: name.to_owned() },
        action: asked.action.to_owned(),
        resource: asked.resource.to_owned(),
        context,
    }
}

/// AWS's refusal, which does not tell whether there is such a role.
fn cannot_assume(snapshot: &Snapshot, wanted: &Wanted<'_>) -> Denied {
    let role = wanted.role_arn;
    match wanted.opener {
        Opener::Service { name, .. } => Denied::new(format!(
            "The role {role} cannot be assumed by {name}. Verify that it exists, and that its \
             trust policy lets {name} call sts:AssumeRole."
        )),
        Opener::Caller(caller) => {
            let account = role_of(snapshot, caller)
                .map_or_else(|| account_of(role).to_owned(), |own| account_of(&own.arn).to_owned());
            Denied::new(format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {role}",
                caller.arn(&account)
            ))
        }
    }
}

fn refusal(role: &Role, caller: &Caller, asked: &Question<'_>, because: &str) -> Denied {
    let user = caller.arn(account_of(&role.arn));
    Denied::new(format!(
        "User: {user} is not authorized to perform: {} on resource: {} {because}",
        asked.action, asked.resource
    ))
}

#[cfg(test)]
mod tests;
