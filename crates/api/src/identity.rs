//! Who calls, and who may: the two questions that the edge asks of IAM. The
//! answers are `api-iam`'s; the kernel knows only the trait.

use neargate_ids::Timestamp;
use neargate_store::Snapshot;

/// Who signed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The operator of this Neargate: the account's root, who may do everything.
    Operator,
    /// A role's session.
    Role {
        role_name: String,
        /// The role's unique id (`AROA…`).
        role_id: String,
        session_name: String,
        /// The policies that the session was limited to when it was opened; none for most.
        session_policies: Vec<String>,
    },
}

impl Caller {
    /// The caller's ARN as `sts:GetCallerIdentity` shows it.
    pub fn arn(&self, account: &str) -> String {
        match self {
            Caller::Operator => format!("arn:aws:iam::{account}:root"),
            Caller::Role { role_name, session_name, .. } => {
                format!("arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}")
            }
        }
    }
}

/// What belongs to an access key.
#[derive(Clone, Debug)]
pub struct Credential {
    pub secret_access_key: String,
    pub expires_at: Option<Timestamp>,
    pub caller: Caller,
}

/// Temporary credentials, as their holder gets them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
    pub expires_at: Timestamp,
    pub caller: Caller,
}

/// A refusal: `User: arn:… is not authorized to perform: … on resource: … because …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    pub message: String,
}

impl Denied {
    pub fn new(message: impl Into<String>) -> Self {
        Denied { message: message.into() }
    }
}

/// What a decision is asked about.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// `secretsmanager:GetSecretValue`.
    pub action: &'a str,
    /// An ARN, or `*`.
    pub resource: &'a str,
    /// The region that the request was signed for.
    pub region: &'a str,
    pub now: Timestamp,
    /// The policy of the resource itself (a secret's, a repository's), where it has one.
    pub resource_policy: Option<&'a str>,
    /// Further condition keys with their values (`iam:PassedToService`).
    pub context: &'a [(&'a str, String)],
}

impl<'a> Question<'a> {
    pub fn new(action: &'a str, resource: &'a str, region: &'a str, now: Timestamp) -> Self {
        Question { action, resource, region, now, resource_policy: None, context: &[] }
    }
}

/// Who asks for a session of a role: what its trust policy is held against.
#[derive(Clone, Copy, Debug)]
pub enum Opener<'a> {
    /// A service of AWS (`ecs-tasks.amazonaws.com`), for the resource `source_arn`.
    Service { name: &'a str, source_arn: &'a str },
    /// Somebody who calls `sts:AssumeRole`.
    Caller(&'a Caller),
}

/// A session as it is wanted.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub opener: Opener<'a>,
    pub role_arn: &'a str,
    pub session_name: &'a str,
    pub now: Timestamp,
    pub expires_at: Timestamp,
    /// Policies that limit the session further.
    pub session_policies: Vec<String>,
    pub external_id: Option<&'a str>,
}

/// IAM, as the edge and the operations need it.
pub trait Identity: Send + Sync {
    /// The credential of an access key; `None` for one that nobody has. Temporary
    /// ones are sealed in their session token, so that nothing is kept of them.
    fn credential(
        &self,
        snapshot: &Snapshot,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Option<Credential>;

    /// Credentials of a session of a role, if its trust policy lets the opener have them.
    fn open_session(&self, snapshot: &Snapshot, wanted: &Wanted<'_>) -> Result<Session, Denied>;

    /// Temporary credentials of the operator.
    fn operator_session(&self, expires_at: Timestamp) -> Session;

    /// Whether the caller's policies allow what is asked.
    fn authorize(
        &self,
        snapshot: &Snapshot,
        caller: &Caller,
        question: &Question<'_>,
    ) -> Result<(), Denied>;
}
