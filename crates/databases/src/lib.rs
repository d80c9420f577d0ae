//! The database loop: DB instances of the store become PostgreSQL servers, and
//! what became of them goes back into the store.
//!
//! ```text
//!           ┌───────── one worker per instance ─────────┐
//!  store ──▶│ plan (pure) ──▶ life ──▶ neargate-postgres │──▶ facts ──▶ store
//!           └───────────────────────────────────────────┘
//! ```
//!
//! A worker wakes when its record or its interface changes, when its server
//! ends, and, with something pending, for the maintenance window. Starting,
//! adopting after a restart of Neargate, and repair are one step. Servers
//! outlive this program; it decides nothing about networks.

mod facts;
mod keys;
mod life;
mod plan;
mod secret;
mod spec;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use neargate_api::model::rds::{DbInstance, DbSnapshot, Installed, SnapshotStatus, Version};
use neargate_api::{Cloud, Record, Services, StoreError};
use neargate_postgres::{Config, Postgres};
use neargate_reconcile::{Attached, Progress};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the loop works with.
pub struct Databases {
    pub cloud: Arc<Cloud>,
    pub services: Arc<Services>,
    pub postgres: Config,
    pub attached: watch::Receiver<Arc<Attached>>,
    pub progress: Progress,
}

/// What the workers share.
struct Hands {
    cloud: Arc<Cloud>,
    services: Arc<Services>,
    postgres: Postgres,
    attached: watch::Receiver<Arc<Attached>>,
    progress: Progress,
    /// Instance → what it waits for.
    waits: Mutex<BTreeMap<String, String>>,
}

/// Runs until `stop` turns true; the servers go on.
pub async fn run(databases: Databases, mut stop: watch::Receiver<bool>) {
    let Databases { cloud, services, postgres, attached, progress } = databases;
    // Each installed version is asked for its name, which blocks.
    let opened = tokio::task::spawn_blocking(move || Postgres::new(postgres)).await;
    let opened = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
    let postgres = match opened {
        Ok(postgres) => postgres,
        Err(error) => {
            tracing::warn!(%error, "there can be no databases");
            progress.note("databases", cloud.clock.now(), vec![error.to_string()]);
            let missing = Some(error.to_string());
            tell_installed(&cloud, Installed { versions: Vec::new(), missing }).await;
            return;
        }
    };
    let version = |v: neargate_postgres::Version| Version { major: v.major, minor: v.minor };
    let versions = postgres.installed().iter().map(|one| version(one.version)).collect();
    tell_installed(&cloud, Installed { versions, missing: None }).await;
    let waits = Mutex::default();
    let hands = Arc::new(Hands { cloud, services, postgres, attached, progress, waits });
    hands.remove_unknown().await;
    let mut changes = hands.cloud.store.changes();
    let mut workers = JoinSet::new();
    let mut known = BTreeSet::new();
    loop {
        let snapshot = hands.cloud.store.snapshot();
        for instance in snapshot.all::<DbInstance>() {
            if known.insert(instance.resource_id.clone()) {
                let worker =
                    life::live(hands.clone(), instance.key(), instance.resource_id.clone());
                workers.spawn(worker);
            }
        }
        hands.remove_deleted_snapshots().await;
        tokio::select! {
            _ = changes.changed() => {}
            Some(ended) = workers.join_next() => match ended {
                Ok(resource_id) => {
                    known.remove(&resource_id);
                }
                Err(error) => tracing::error!(%error, "a database's worker ended"),
            },
            () = async { drop(stop.wait_for(|stop| *stop).await) } => return,
        }
    }
}

async fn tell_installed(cloud: &Cloud, installed: Installed) {
    let written = cloud.store.write(move |tx| {
        tx.put(installed);
        Ok::<_, StoreError>(())
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, "the installed versions of PostgreSQL could not be noted");
    }
}

impl Hands {
    /// Notes what an instance waits for; `None`: nothing.
    fn waits_for(&self, identifier: &str, reason: Option<String>) {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        match reason {
            Some(reason) => waits.insert(identifier.to_owned(), reason),
            None => waits.remove(identifier),
        };
        let lines = waits.iter().map(|(id, reason)| format!("{id}: {reason}")).collect();
        self.progress.note("databases", self.cloud.clock.now(), lines);
    }

    /// Data of instances that the store does not have: their deletion was cut short.
    async fn remove_unknown(&self) {
        let snapshot = self.cloud.store.snapshot();
        let wanted: BTreeSet<String> =
            snapshot.all::<DbInstance>().map(|instance| instance.resource_id.clone()).collect();
        let found = self.postgres.instances().unwrap_or_default();
        for id in found.iter().filter(|id| !wanted.contains(*id)) {
            if let Err(error) = self.postgres.delete(id, None).await {
                tracing::warn!(%error, id, "data of no instance could not be removed");
            }
        }
    }

    async fn remove_deleted_snapshots(&self) {
        let snapshot = self.cloud.store.snapshot();
        let deleted = snapshot.all::<DbSnapshot>().filter(|s| s.status == SnapshotStatus::Deleted);
        for one in deleted {
            if let Err(error) = self.postgres.delete_snapshot(&one.data).await {
                tracing::warn!(%error, snapshot = one.identifier, "a snapshot could not be removed");
                continue;
            }
            facts::forget_snapshot(&self.cloud, one.key()).await;
        }
    }
}
