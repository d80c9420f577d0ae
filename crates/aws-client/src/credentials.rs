//! Who calls: an access key, found where AWS's tools find it, in their order.
//!
//! ```text
//! environment ─▶ profile (keys, or a role with whose credentials it is assumed)
//!             ─▶ container (AWS_CONTAINER_CREDENTIALS_…) ─▶ instance metadata
//! ```
//!
//! Single sign-on, web identities and credential processes are refused, with the
//! command that turns them into plain keys. Source: "Standardized credential
//! providers" in the AWS SDKs and Tools reference guide.

mod metadata;
mod role;
mod source;

use std::sync::Arc;

use neargate_ids::Timestamp;
use tokio::sync::Mutex;

use crate::line::Line;
use crate::surroundings::Surroundings;
use source::Source;

/// An access key, and until when it is good.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
    pub expires_at: Option<Timestamp>,
}

impl Identity {
    /// A lasting access key.
    pub fn lasting(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Identity {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            session_token: None,
            expires_at: None,
        }
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({}, …)", self.access_key_id)
    }
}

/// Why there are no credentials, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    #[error("{there} is set and {missing} is not: set both")]
    Half { there: String, missing: String },
    #[error("The profile \"{0}\" is in neither ~/.aws/config nor ~/.aws/credentials")]
    NoProfile(String),
    #[error("The profile \"{0}\" takes its credentials from itself by way of source_profile")]
    Circle(String),
    #[error(
        "The profile \"{profile}\" uses {kind}, which this program does not do itself. Run `aws configure \
         export-credentials --profile {profile} --format env` and set the variables that it prints"
    )]
    Unsupported { profile: String, kind: &'static str },
    #[error(
        "AWS_WEB_IDENTITY_TOKEN_FILE is set, which this program does not do itself. Run `aws configure \
         export-credentials --format env` and set the variables that it prints"
    )]
    WebIdentity,
    #[error("The profile \"{profile}\" has {key} = {value}: {wanted}")]
    Setting { profile: String, key: &'static str, value: String, wanted: &'static str },
    #[error(
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a profile of ~/.aws/config that has \
         them; a container's or an instance's role is not here either ({0})"
    )]
    Nowhere(String),
    #[error("{from} gave none: {cause}")]
    Fetch { from: String, cause: String },
}

/// Where credentials come from, and those of now.
pub struct Credentials {
    source: Arc<Source>,
    kept: Mutex<Option<Identity>>,
}

/// What has less than this left is fetched anew.
const SOON_MS: i64 = 5 * 60 * 1000;

impl Credentials {
    /// These, always.
    pub fn fixed(identity: Identity) -> Self {
        Credentials { source: Arc::new(Source::Fixed(identity)), kept: Mutex::new(None) }
    }

    /// As AWS's tools find them.
    ///
    /// # Errors
    /// What is there is incomplete, or of a kind that is not supported.
    pub fn from(surroundings: &Surroundings) -> Result<Self, CredentialsError> {
        let source = Arc::new(source::find(surroundings)?);
        Ok(Credentials { source, kept: Mutex::new(None) })
    }

    /// Those of now.
    pub(crate) async fn get(&self, line: &Line) -> Result<Identity, CredentialsError> {
        if let Source::Fixed(identity) = &*self.source {
            return Ok(identity.clone());
        }
        // Whoever comes meanwhile waits for the same answer.
        let mut kept = self.kept.lock().await;
        let late = line.now().plus_millis(SOON_MS);
        let good = |identity: &&Identity| identity.expires_at.is_none_or(|at| at > late);
        if let Some(identity) = kept.as_ref().filter(good) {
            return Ok(identity.clone());
        }
        let fresh = self.source.fetch(line).await?;
        *kept = Some(fresh.clone());
        Ok(fresh)
    }

    /// Forgets those of now, which a service does not take; whether there can be others.
    pub(crate) async fn forget(&self) -> bool {
        *self.kept.lock().await = None;
        !matches!(*self.source, Source::Fixed(_))
    }
}
