//! The task loop: every task that has not stopped has a story being told
//! ([`crate::task::life`]). After a restart the stories go on where they were.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use neargate_api::Record;
use neargate_api::model::ecs::{Task, TaskStatus};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::hands::Hands;
use crate::task::life;

pub async fn run(hands: Arc<Hands>, mut stop: watch::Receiver<bool>) {
    let mut changes = hands.cloud.store.changes_in::<Task>();
    let mut stories: JoinSet<String> = JoinSet::new();
    let mut told: HashSet<String> = HashSet::new();
    remove_orphans(&hands).await;
    loop {
        let snapshot = hands.cloud.store.snapshot();
        for task in snapshot.all::<Task>().filter(|t| t.status != TaskStatus::Stopped) {
            if told.insert(task.key()) {
                let (hands, key) = (hands.clone(), task.key());
                stories.spawn(async move {
                    life::tell(&hands, &key).await;
                    key
                });
            }
        }
        hands.progress.note("tasks", hands.cloud.clock.now(), Vec::new());
        tokio::select! {
            _ = changes.changed() => {}
            Some(ended) = stories.join_next() => match ended {
                Ok(key) => {
                    told.remove(&key);
                }
                Err(error) => {
                    tracing::error!(%error, "a task's story broke off; it is begun again");
                    restart(&mut told, &mut stories).await;
                }
            },
            // The stories end here; their containers go on and are adopted by the next run.
            () = crate::stopped(&mut stop) => return,
        }
    }
}

/// After a story broke off, nobody knows whose it was: all are begun again, and adopt what runs.
async fn restart(told: &mut HashSet<String>, stories: &mut JoinSet<String>) {
    stories.shutdown().await;
    told.clear();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}

/// Removes what earlier runs have left of tasks that nobody knows any more.
async fn remove_orphans(hands: &Hands) {
    let snapshot = hands.cloud.store.snapshot();
    let known: BTreeSet<String> = snapshot
        .all::<Task>()
        .filter(|t| t.status != TaskStatus::Stopped)
        .map(|t| t.id.clone())
        .collect();
    match hands.runtime.remove_orphans(&known).await {
        Ok(removed) if removed.is_empty() => {}
        Ok(removed) => {
            tracing::info!(count = removed.len(), "removed what was left of unknown tasks")
        }
        Err(error) => tracing::warn!(%error, "what is left of unknown tasks could not be removed"),
    }
}
