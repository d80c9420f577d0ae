//! The service loop: `plan::service` on every service whose tasks, targets or
//! wishes have changed, and its plan put into the store in one transaction.

mod apply;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_api::model::ecs::{Service, ServiceStatus, Task};
use neargate_api::model::elbv2::Target;
use neargate_api::{Record, Snapshot, Timestamp};
use neargate_plan::service::plan;
use tokio::sync::watch;

use crate::hands::Hands;
use view::Tasks;

/// Plans that wait for an instant are looked at again by then, and all after this.
const LONGEST_WAIT_MS: i64 = 10_000;

pub async fn run(hands: Arc<Hands>, mut stop: watch::Receiver<bool>) {
    let mut changes = hands.cloud.store.changes();
    let mut seen = None;
    let mut look_at = hands.cloud.clock.now();
    loop {
        let snapshot = hands.cloud.store.snapshot();
        let now = hands.cloud.clock.now();
        let versions = versions(&snapshot);
        // Changes of other tables are neither a reason to plan, nor to put off what is due.
        if seen != Some(versions) || look_at <= now {
            let turn = turn(&hands, &snapshot, now).await;
            hands.progress.note("services", now, turn.waits_for);
            seen = Some(versions);
            let latest = now.plus_millis(LONGEST_WAIT_MS);
            look_at = turn.wake_at.unwrap_or(latest).clamp(now.plus_millis(1), latest);
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = hands.cloud.sleep_until(look_at) => {}
            () = crate::stopped(&mut stop) => return,
        }
    }
}

fn versions(snapshot: &Snapshot) -> [u64; 3] {
    [
        snapshot.version_of::<Service>(),
        snapshot.version_of::<Task>(),
        snapshot.version_of::<Target>(),
    ]
}

struct Turn {
    waits_for: Vec<String>,
    wake_at: Option<Timestamp>,
}

async fn turn(hands: &Hands, snapshot: &Snapshot, now: Timestamp) -> Turn {
    let mut turn = Turn { waits_for: Vec::new(), wake_at: None };
    let tasks = Tasks::by_service(snapshot);
    let mut to_apply = BTreeSet::new();
    for service in snapshot.all::<Service>().filter(|s| s.status != ServiceStatus::Inactive) {
        let plan = tasks.view(&service).with(|view| plan(view, now));
        for what in &plan.waits_for {
            turn.waits_for.push(format!("{}: {what}", service.name));
        }
        turn.wake_at = [turn.wake_at, plan.wake_at].into_iter().flatten().min();
        if !plan.changes_nothing(&service) {
            to_apply.insert(service.key());
        }
    }
    for key in to_apply {
        if let Err(error) = apply::apply(hands, key.clone(), now).await {
            turn.waits_for.push(format!("{key}: {error}"));
            turn.wake_at = Some(now.plus_secs(1));
            tracing::warn!(%error, service = key, "a plan could not be put into effect");
        }
    }
    turn
}
