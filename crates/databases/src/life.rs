//! The life of one instance: plan, do, note what came of it, wait.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use neargate_api::model::rds::{DbInstance, Status};
use neargate_postgres::{InstanceSpec, PgError};

use crate::plan::{Seen, Step, plan};
use crate::{Hands, facts};

/// After the first failure, and the longest between two tries.
const RETRY: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];
/// How often the maintenance window is looked at while something waits for it.
const MAINTENANCE_SECS: i64 = 20;

/// What a step led to.
enum Outcome {
    /// The record has changed, or may have: plan anew.
    Done,
    /// Nothing is to be done until something changes.
    Idle,
    Failed(String),
}

struct Worker {
    hands: Arc<Hands>,
    key: String,
    resource_id: String,
    seen: Seen,
    failures: u32,
}

/// Lives as long as the instance does, and gives its resource id back.
pub async fn live(hands: Arc<Hands>, key: String, resource_id: String) -> String {
    let seen = Seen::default();
    let mut worker = Worker { hands, key, resource_id, seen, failures: 0 };
    let mut changes = worker.hands.cloud.store.changes_in::<DbInstance>();
    let mut attached = worker.hands.attached.clone();
    while let Some(instance) = worker.instance() {
        let namespace = worker.namespace(&instance);
        let step = plan(&instance, &worker.hands.cloud.account, namespace.clone(), &worker.seen);
        match worker.act(&instance, step).await {
            Outcome::Done => {
                worker.failures = 0;
                continue;
            }
            Outcome::Idle => worker.failures = 0,
            Outcome::Failed(reason) => {
                tracing::warn!(instance = instance.identifier, reason, "a database is not right");
                worker.hands.waits_for(&instance.identifier, Some(reason));
                worker.failures += 1;
            }
        }
        loop {
            tokio::select! {
                _ = changes.changed() => {}
                changed = attached.changed() => {
                    if changed.is_err() {
                        return worker.resource_id;
                    }
                }
                () = ended(&worker), if worker.seen.serves.is_some() => {
                    worker.seen.serves = None;
                    break;
                }
                () = tokio::time::sleep(worker.pause()), if worker.failures > 0 => break,
                () = worker.hands.cloud.sleep_secs(MAINTENANCE_SECS), if instance.pending.is_some() => break,
            }
            let now = worker.instance();
            let same = now.is_some_and(|now| Arc::ptr_eq(&now, &instance));
            if !same || worker.namespace(&instance) != namespace {
                break;
            }
        }
    }
    worker.resource_id
}

/// When the server of a worker ends.
async fn ended(worker: &Worker) {
    if let Err(error) = worker.hands.postgres.ended(&worker.resource_id).await {
        tracing::warn!(%error, "a database server can't be watched");
    }
    // A server that can't stay up is not started in a tight circle.
    tokio::time::sleep(RETRY[0]).await;
}

impl Worker {
    /// The record, while it is this one's.
    fn instance(&self) -> Option<Arc<DbInstance>> {
        let found = self.hands.cloud.store.snapshot().get::<DbInstance>(&self.key);
        found.filter(|instance| instance.resource_id == self.resource_id)
    }

    fn namespace(&self, instance: &DbInstance) -> Option<PathBuf> {
        self.hands.attached.borrow().interfaces.get(&instance.interface_id).cloned()
    }

    fn pause(&self) -> Duration {
        (RETRY[0] * 2_u32.saturating_pow(self.failures.min(10))).min(RETRY[1])
    }

    async fn act(&mut self, instance: &DbInstance, step: Step) -> Outcome {
        let id = &self.resource_id;
        let (hands, postgres) = (&self.hands, &self.hands.postgres);
        match step {
            Step::Rest => {
                hands.waits_for(&instance.identifier, None);
                match facts::maintain(&hands.cloud, instance).await {
                    Ok(true) => Outcome::Done,
                    Ok(false) => Outcome::Idle,
                    Err(error) => Outcome::Failed(error.to_string()),
                }
            }
            Step::Wait(reason) => {
                hands.waits_for(&instance.identifier, Some(reason));
                Outcome::Idle
            }
            Step::Prepare => self.prepare(instance).await,
            Step::Serve(spec) => self.serve(instance, spec).await,
            Step::Restart(spec) => {
                self.seen.serves = None;
                match postgres.stop(id).await {
                    Ok(()) | Err(PgError::UnknownInstance(_)) => self.serve(instance, spec).await,
                    Err(error) => Outcome::Failed(error.to_string()),
                }
            }
            Step::Stop => {
                self.seen.serves = None;
                match postgres.stop(id).await {
                    Ok(()) => noted(facts::stopped(&hands.cloud, instance).await),
                    Err(error) => Outcome::Failed(error.to_string()),
                }
            }
            Step::BackUp => self.back_up(instance).await,
            Step::Remove => self.remove(instance).await,
        }
    }

    async fn prepare(&self, instance: &DbInstance) -> Outcome {
        match self.hands.managed(instance).await {
            Ok((verifier, arn)) => {
                noted(facts::prepared(&self.hands.cloud, instance, verifier, arn).await)
            }
            Err(reason) => Outcome::Failed(reason),
        }
    }

    async fn serve(&mut self, instance: &DbInstance, spec: InstanceSpec) -> Outcome {
        let hands = self.hands.clone();
        if !instance.made
            && let Some(key) = hands.default_key(instance).await
        {
            return noted(facts::encrypted_by(&hands.cloud, instance, key).await);
        }
        let running = match hands.postgres.ensure(spec.clone()).await {
            Ok(running) => running,
            Err(error @ (PgError::NotStarted { .. } | PgError::BadParameter { .. }))
                if instance.made =>
            {
                self.seen.failed = Some(spec);
                let why = error.to_string();
                return match instance.status {
                    Status::IncompatibleParameters => Outcome::Failed(why),
                    _ => noted(facts::incompatible(&hands.cloud, instance, why).await),
                };
            }
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        if instance.verifier_is_new
            && let Some(verifier) = &instance.verifier
        {
            let user = instance.master_username();
            let told = hands.postgres.set_master_password(&self.resource_id, user, verifier).await;
            if let Err(error) = told {
                return Outcome::Failed(error.to_string());
            }
        }
        self.seen = Seen { serves: Some(spec), failed: None };
        noted(facts::serves(&hands.cloud, instance, running).await)
    }

    async fn back_up(&self, instance: &DbInstance) -> Outcome {
        let begun = facts::begun(&self.hands.cloud.store.snapshot(), instance);
        for snapshot in begun {
            let taken = self.hands.postgres.take_snapshot(&self.resource_id, &snapshot.data).await;
            match taken {
                Ok(()) | Err(PgError::SnapshotExists(_)) => {}
                Err(error) => return Outcome::Failed(error.to_string()),
            }
        }
        noted(facts::backed_up(&self.hands.cloud, instance).await)
    }

    async fn remove(&mut self, instance: &DbInstance) -> Outcome {
        self.seen.serves = None;
        let (id, postgres) = (&self.resource_id, &self.hands.postgres);
        let begun = facts::begun(&self.hands.cloud.store.snapshot(), instance);
        let kept =
            begun.iter().find(|one| Some(&one.identifier) == instance.final_snapshot.as_ref());
        let mut gone = postgres.delete(id, kept.map(|one| one.data.as_str())).await;
        // Kept already, before a restart: what is left is to be removed.
        if matches!(gone, Err(PgError::SnapshotExists(_))) {
            gone = postgres.delete(id, None).await;
        }
        if let Err(error) = gone {
            return Outcome::Failed(error.to_string());
        }
        self.hands.remove_secret(instance).await;
        self.hands.waits_for(&instance.identifier, None);
        noted(facts::removed(&self.hands.cloud, instance).await)
    }
}

fn noted(written: Result<(), neargate_api::StoreError>) -> Outcome {
    match written {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Failed(error.to_string()),
    }
}
