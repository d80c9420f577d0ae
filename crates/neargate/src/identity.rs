//! The operator's own credential, before IAM has any say.

use neargate_api::{Caller, Credential, Denied, Identity, Session, Snapshot, Timestamp};

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

    fn open_session(&self, _: &Snapshot, _: &str, _: &str, _: Timestamp) -> Option<Session> {
        None
    }

    fn authorize(
        &self,
        _: &Snapshot,
        caller: &Caller,
        action: &str,
        resource: &str,
        _: Timestamp,
    ) -> Result<(), Denied> {
        match caller {
            Caller::Operator => Ok(()),
            Caller::Role { role_name, .. } => Err(Denied {
                message: format!(
                    "{role_name} is not authorized to perform: {action} on resource: {resource}"
                ),
            }),
        }
    }
}
