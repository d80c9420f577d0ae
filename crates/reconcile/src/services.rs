//! The service loop: `plan::service` on every service whose tasks, targets or
//! wishes have changed, and its plan put into the store in one transaction.

mod apply;
mod look;
mod past;
mod view;

use std::sync::Arc;

use neargate_api::StoreError;
use tokio::sync::watch;

use crate::hands::Hands;

pub use apply::{Due, apply};
pub use look::{Look, Scheduler};

pub async fn run(hands: Arc<Hands>, mut stop: watch::Receiver<bool>) {
    let mut changes = hands.cloud.store.changes();
    let mut scheduler = Scheduler::default();
    loop {
        let now = hands.cloud.clock.now();
        let snapshot = hands.cloud.store.snapshot();
        if scheduler.is_due(&snapshot, now) {
            let look = scheduler.look(&snapshot, now);
            let mut waits_for = look.waits_for;
            for due in look.due {
                let key = due.key.clone();
                if let Err(error) = put_into_effect(&hands, due).await {
                    waits_for.push(format!("{key}: its plan to be put into effect: {error}"));
                    scheduler.failed(&key, now);
                    tracing::warn!(%error, service = key, "a plan could not be put into effect");
                }
            }
            hands.progress.note("services", now, waits_for);
        }
        let look_at = scheduler.look_at();
        tokio::select! {
            _ = changes.changed() => {}
            () = hands.cloud.sleep_until(look_at) => {}
            () = crate::stopped(&mut stop) => return,
        }
    }
}

async fn put_into_effect(hands: &Hands, due: Due) -> Result<(), StoreError> {
    let (rng, account) = (hands.cloud.rng.clone(), hands.cloud.account.clone());
    let now = hands.cloud.clock.now();
    let written = hands.cloud.store.write(move |tx| {
        apply(tx, due, &rng, &account, now);
        Ok(())
    });
    written.await
}
