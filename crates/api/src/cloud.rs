//! What operations work with: the one cloud, and the context of one request.

use std::sync::Arc;

use neargate_ids::{Arn, Clock, Rng, Timestamp};
use neargate_store::{Snapshot, Store, StoreError, Tx};
use neargate_vault::Vault;
use neargate_wire::AwsError;

use crate::identity::{Caller, Identity, Question};

/// What all requests share. The store is the only thing here that changes.
pub struct Cloud {
    pub store: Store,
    pub clock: Clock,
    pub rng: Rng,
    /// Seals what must not stand readable in the store, and gives secrets their randomness.
    pub vault: Vault,
    /// The account that everything belongs to: twelve digits.
    pub account: String,
    /// The port of the AWS endpoint, as it stands in repository URLs and the like.
    pub port: u16,
    /// Who may do what.
    pub identity: Arc<dyn Identity>,
}

/// One request, as an operation sees it.
#[derive(Clone)]
pub struct Ctx {
    pub cloud: Arc<Cloud>,
    pub caller: Caller,
    /// The region that the request was signed for.
    pub region: String,
    pub request_id: String,
    /// When the request came: the one instant that its records carry.
    pub now: Timestamp,
}

/// An operation's error out of the store's own. The cause goes to the log, not to the caller.
#[derive(Debug)]
pub(crate) struct Refused(pub AwsError);

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused(AwsError::new(
            500,
            "InternalFailure",
            format!("The change could not be stored: {error}"),
        ))
    }
}

impl Ctx {
    /// The account that everything belongs to.
    pub fn account(&self) -> &str {
        &self.cloud.account
    }

    /// The ARN of a resource of this request's account and region.
    pub fn arn(&self, service: &str, resource: impl Into<String>) -> String {
        Arn::new(service, &self.region, &self.cloud.account, resource).to_string()
    }

    /// The state as it is now, unchanging.
    pub fn snapshot(&self) -> Snapshot {
        self.cloud.store.snapshot()
    }

    /// Seals and unseals, and gives randomness for secrets.
    pub fn vault(&self) -> &Vault {
        &self.cloud.vault
    }

    /// Randomness for ids (never for secrets).
    pub fn rng(&self) -> &Rng {
        &self.cloud.rng
    }

    /// One transaction: all of what `change` does becomes durable, or, on an error, nothing.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Tx) -> Result<T, AwsError> + Send + 'static,
    ) -> Result<T, AwsError> {
        self.cloud
            .store
            .write(move |tx| change(tx).map_err(Refused))
            .await
            .map_err(|Refused(error)| error)
    }

    /// Refuses unless the caller's policies allow `action` (`iam:PassRole`) on `resource`:
    /// for what an operation needs beside its own permission, which the edge has checked.
    pub fn authorize(&self, action: &str, resource: &str) -> Result<(), AwsError> {
        self.authorize_with(&Question::new(action, resource, &self.region, self.now))
    }

    /// The same with more to go by: the resource's own policy, or further condition keys.
    pub fn authorize_with(&self, question: &Question<'_>) -> Result<(), AwsError> {
        let allowed = self.cloud.identity.authorize(&self.snapshot(), &self.caller, question);
        allowed.map_err(|denied| AwsError::new(400, "AccessDeniedException", denied.message))
    }
}
