//! What alarms do, and what is published to SNS, brought to where it belongs.
//!
//! ```text
//! an alarm changes ─▶ AlarmAction ─▶ alarm_actions: Publish, by the topic's policy ─┐
//! Publish ──────────────────────────────────────────────────────────────────────────┤
//!                                    Notification, and a Delivery per subscription ◀─┘  one transaction
//! Subscribe ─▶ Delivery of the question whether the endpoint wants it
//!                         │
//!   an http(s) endpoint, signed as AWS signs ◀── deliver ──▶ a mailbox, through a relay
//! ```
//!
//! Both kinds of records are written with what they follow from, and go once it is done: nothing is
//! lost over a restart, and only a kill between an endpoint's answer and its note brings one twice,
//! as AWS says of its own. Retries go by the cloud's time, as EventBridge's do here, so that
//! `neargate clock` brings them on; how long an answer is waited for goes by the machine's, as its
//! endpoint knows no other.

mod alarm_actions;
mod deliver;
mod envelope;
mod mail;
mod send;
mod signer;
mod smtp;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use neargate_api::model::cloudwatch::AlarmAction;
use neargate_api::model::sns::Delivery;
use neargate_api::{Cloud, Services};
use neargate_reconcile::Progress;
use tokio::sync::watch;
use tokio::task::JoinSet;

use send::Sender;

pub use signer::{Signer, is_certificate_path};

/// How exactly retries come.
const TICK: Duration = Duration::from_secs(1);

/// What is delivered at the same time: one slow endpoint keeps no other waiting.
const AT_ONCE: usize = 64;

/// What the loop works with.
pub struct Notifications {
    cloud: Arc<Cloud>,
    services: Arc<Services>,
    progress: Progress,
    sender: Sender,
    signer: Arc<Signer>,
    /// Where mail is handed in: `host:port`.
    relay: Option<String>,
}

impl Notifications {
    pub fn new(
        cloud: Arc<Cloud>,
        services: Arc<Services>,
        progress: Progress,
        signer: Arc<Signer>,
        relay: Option<String>,
    ) -> std::io::Result<Self> {
        Ok(Notifications { cloud, services, progress, sender: Sender::new()?, signer, relay })
    }

    /// This Neargate's own address, as it stands in what is sent.
    fn own_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.cloud.port)
    }
}

/// The signer of a data directory.
pub fn signer(data: &std::path::Path) -> Arc<Signer> {
    let directory: PathBuf = data.join("sns");
    Arc::new(Signer::new(directory))
}

/// Runs until `stop` turns true. What is on its way then is tried again by the next run.
pub async fn run(notifications: Notifications, mut stop: watch::Receiver<bool>) {
    let all = Arc::new(notifications);
    let store = &all.cloud.store;
    let mut actions = store.changes_in::<AlarmAction>();
    let mut deliveries = store.changes_in::<Delivery>();
    let mut on_the_way = BTreeSet::new();
    let mut tries = JoinSet::new();
    loop {
        let now = all.cloud.clock.now();
        all.act_on_alarms(now).await;
        for delivery in all.due(&on_the_way, now) {
            if tries.len() >= AT_ONCE {
                break;
            }
            on_the_way.insert(neargate_api::Record::key(&*delivery));
            let all = all.clone();
            tries.spawn(async move { all.deliver(&delivery).await });
        }
        all.progress.note("notifications", now, all.complaints());
        tokio::select! {
            Some(tried) = tries.join_next(), if !tries.is_empty() => {
                match tried {
                    Ok(key) => { on_the_way.remove(&key); }
                    Err(error) => tracing::error!(%error, "a delivery broke off"),
                }
            }
            _ = actions.changed() => {}
            _ = deliveries.changed() => {}
            () = tick(&all) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Only time brings retries on.
async fn tick(all: &Notifications) {
    let snapshot = all.cloud.store.snapshot();
    match snapshot.count::<AlarmAction>() + snapshot.count::<Delivery>() {
        0 => std::future::pending().await,
        _ => tokio::time::sleep(TICK).await,
    }
}

#[cfg(test)]
mod tests;
