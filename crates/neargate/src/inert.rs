//! What is accepted and does not act: listed at `/_neargate/inert`, and told in
//! the log as soon as it is there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use neargate_api::{Cloud, Inert, Services};
use tokio::sync::watch;

/// The many changes of one apply are looked at once.
const PAUSE: Duration = Duration::from_secs(1);

pub struct InertSettings {
    pub cloud: Arc<Cloud>,
    pub services: Arc<Services>,
}

impl InertSettings {
    /// All of them now, by resource.
    pub fn list(&self) -> BTreeSet<Inert> {
        let snapshot = self.cloud.store.snapshot();
        let mut all: BTreeSet<_> =
            self.services.all().iter().flat_map(|s| s.inert_in(&snapshot)).collect();
        all.extend(neargate_api_s3::inert(&snapshot));
        all
    }

    /// Tells each once, until `stop` turns true; a restart tells what is still there.
    pub async fn tell(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut changes = self.cloud.store.changes();
        let mut told = BTreeSet::new();
        loop {
            let list = self.list();
            for Inert { resource, field, on_aws } in list.difference(&told) {
                tracing::warn!(resource, field, on_aws, "accepted, but does not act here");
            }
            told = list;
            let next = async {
                changes.changed().await;
                tokio::time::sleep(PAUSE).await;
            };
            tokio::select! {
                () = next => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }
}
