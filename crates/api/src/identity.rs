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

    /// Credentials of a session of the role; `None` when there is no such role.
    fn open_session(
        &self,
        snapshot: &Snapshot,
        role_arn: &str,
        session_name: &str,
        expires_at: Timestamp,
    ) -> Option<Session>;

    /// Whether the caller's policies allow `action` on `resource` (an ARN, or `*`).
    fn authorize(
        &self,
        snapshot: &Snapshot,
        caller: &Caller,
        action: &str,
        resource: &str,
        now: Timestamp,
    ) -> Result<(), Denied>;
}
