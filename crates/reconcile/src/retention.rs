//! What AWS forgets after a while: stopped tasks after an hour, deleted services
//! and clusters some time later, and log lines when their group says so.

mod lines;

use std::sync::Arc;

use neargate_api::model::ecs::{Service, ServiceStatus, Task, TaskStatus};
use neargate_api::{Snapshot, Timestamp};
use tokio::sync::watch;

use crate::hands::Hands;

const TURN_SECS: i64 = 30;

/// Stopped tasks stay visible for at least an hour.
/// Source: "DescribeTasks" in the ECS API reference.
const STOPPED_TASK_MILLIS: i64 = 3_600_000;
const DELETED_SERVICE_MILLIS: i64 = 3_600_000;

pub async fn run(hands: Arc<Hands>, mut stop: watch::Receiver<bool>) {
    loop {
        let now = hands.cloud.clock.now();
        let forgotten = expired(&hands.cloud.store.snapshot(), now);
        if !forgotten.tasks.is_empty() || !forgotten.services.is_empty() {
            let written = hands.cloud.store.write(move |tx| {
                for key in &forgotten.tasks {
                    tx.delete::<Task>(key);
                }
                for key in &forgotten.services {
                    tx.delete::<Service>(key);
                }
                Ok::<(), neargate_api::StoreError>(())
            });
            if let Err(error) = written.await {
                tracing::warn!(%error, "what has expired could not be forgotten");
            }
        }
        if let Err(error) = lines::expire(&hands.cloud, &hands.lines).await {
            tracing::warn!(%error, "log lines past their retention could not be expired");
        }
        hands.progress.note("retention", now, Vec::new());
        tokio::select! {
            () = hands.cloud.sleep_secs(TURN_SECS) => {}
            () = crate::stopped(&mut stop) => return,
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Expired {
    tasks: Vec<String>,
    services: Vec<String>,
}

/// The keys of what may be forgotten at `now`.
fn expired(snapshot: &Snapshot, now: Timestamp) -> Expired {
    use neargate_api::Record;
    let over = |at: Option<Timestamp>, millis| at.is_some_and(|at| now.millis_since(at) > millis);
    let tasks = snapshot
        .all::<Task>()
        .filter(|t| t.status == TaskStatus::Stopped && over(t.stopped_at, STOPPED_TASK_MILLIS))
        .filter(|t| t.accounted || t.service.is_none())
        .map(|t| t.key());
    let services = snapshot
        .all::<Service>()
        .filter(|s| {
            s.status == ServiceStatus::Inactive && over(s.deleted_at, DELETED_SERVICE_MILLIS)
        })
        .map(|s| s.key());
    Expired { tasks: tasks.collect(), services: services.collect() }
}
