//! STS: who somebody is, and credentials for a time.

pub mod assume_role;
pub mod caller_identity;
pub mod session_token;

use neargate_api::Session;
use neargate_api::types::sts::Credentials;

fn shown(session: &Session) -> Credentials {
    Credentials {
        access_key_id: session.access_key_id.clone(),
        expiration: session.expires_at,
        secret_access_key: session.secret_access_key.clone(),
        session_token: session.session_token.clone(),
    }
}
