//! The operator's own credential, before IAM has any say.

use neargate_api::{
    Caller, Credential, Denied, Identity, Question, Session, Snapshot, Timestamp, Wanted,
};

/// One access key, and it may do everything.
pub struct OperatorOnly;

impl Identity for OperatorOnly {
    fn credential(&self, _: &Snapshot, access_key_id: &str, _: Option<&str>) -> Option<Credential> {
        (access_key_id == "test").then(|| Credential {
            secret_access_key: "test".into(),
            expires_at: None,
            caller: Caller::Operator,
        })
    }

    fn open_session(&self, _: &Snapshot, wanted: &Wanted<'_>) -> Result<Session, Denied> {
        Err(Denied::new(format!("There is no role {}.", wanted.role_arn)))
    }

    fn operator_session(&self, expires_at: Timestamp) -> Session {
        Session {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: String::new(),
            expires_at,
            caller: Caller::Operator,
        }
    }

    fn authorize(&self, _: &Snapshot, caller: &Caller, asked: &Question<'_>) -> Result<(), Denied> {
        match caller {
            Caller::Operator => Ok(()),
            Caller::Role { role_name, .. } => Err(Denied::new(format!(
                "{role_name} is not authorized to perform: {} on resource: {}",
                asked.action, asked.resource
            ))),
        }
    }
}
