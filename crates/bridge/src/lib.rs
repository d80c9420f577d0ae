//! EventBridge at work: facts become events, events that a rule selects become
//! deliveries, and the loop brings those to their targets.
//!
//! ```text
//! a fact is written ─▶ told (pure) ─▶ rules of the default bus ─▶ Delivery      one transaction
//! a schedule is due ─▶ schedules ───────────────────────────────▶ Delivery      one transaction
//! PutEvents ────────▶ api-events ───────────────────────────────▶ Delivery      one transaction
//!                                                                    │
//!         SNS topic, CloudWatch Logs group, ECS task ◀── deliver ◀───┘ gone once the target has it
//! ```
//!
//! So each committed change is told once, whoever made it and whatever is killed
//! when. A delivery may come twice after a kill between the target's answer and
//! the note of it, as AWS says of its own. Without a rule nothing is written.

mod complaints;
mod deliver;
mod fingerprint;
mod permission;
mod schedules;
mod target;
mod told;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use neargate_api::model::events::{Delivery, Rule};
use neargate_api::{Cloud, Services};
use neargate_reconcile::Progress;
use tokio::sync::watch;

use complaints::Complaints;

pub use permission::{OnBehalf, granted, granted_to_owner};
pub use told::{Teller, telling};

/// How exactly schedules and retries come.
const TICK: Duration = Duration::from_secs(1);

/// What the loop works with.
pub struct Bridge {
    cloud: Arc<Cloud>,
    services: Arc<Services>,
    progress: Progress,
    complaints: Complaints,
}

impl Bridge {
    pub fn new(cloud: Arc<Cloud>, services: Arc<Services>, progress: Progress) -> Self {
        Bridge { cloud, services, progress, complaints: Complaints::default() }
    }

    /// Brings what is due to its targets; tells whether there is more of it.
    pub async fn turn(&self) -> bool {
        let now = self.cloud.clock.now();
        if let Err(error) = schedules::begin_due(&self.cloud, now).await {
            tracing::warn!(%error, "a scheduled rule could not be begun; it is tried again");
        }
        let more = self.deliver_due(now).await;
        let names = self.target_names();
        self.complaints.keep(|name| names.contains(name));
        self.progress.note("events", now, self.complaints.all());
        more
    }

    fn target_names(&self) -> BTreeSet<String> {
        let snapshot = self.cloud.store.snapshot();
        let rules: Vec<_> = snapshot.all::<Rule>().collect();
        let targets = rules.iter().flat_map(|rule| {
            rule.targets.iter().map(|target| deliver::target_name(rule, &target.id))
        });
        targets.collect()
    }

    /// Whether there is something that only time brings on.
    fn waits_for_time(&self) -> bool {
        let snapshot = self.cloud.store.snapshot();
        snapshot.count::<Delivery>() > 0
            || snapshot.all::<Rule>().any(|rule| rule.schedule.is_some() && rule.is_enabled())
    }
}

/// Runs until `stop` turns true.
pub async fn run(bridge: Bridge, mut stop: watch::Receiver<bool>) {
    let mut deliveries = bridge.cloud.store.changes_in::<Delivery>();
    let mut rules = bridge.cloud.store.changes_in::<Rule>();
    loop {
        if bridge.turn().await && !*stop.borrow() {
            continue;
        }
        let tick = async {
            match bridge.waits_for_time() {
                true => tokio::time::sleep(TICK).await,
                false => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = deliveries.changed() => {}
            _ = rules.changed() => {}
            () = tick => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

#[cfg(test)]
mod tests;
