//! The trails loop: what was written down since a trail's last delivery goes,
//! as far as the trail wants it, into files in its bucket and into its log group.
//!
//! ```text
//! neargate-eventlog ─▶ wanted? ─┬▶ files (pure): one per region, gzip ─▶ S3, as cloudtrail.amazonaws.com
//!   from the trail's place      └▶ PutLogEvents, as the trail's role
//!                                    └▶ the place moves on (a fact), or the error stands in GetTrailStatus
//! ```
//!
//! The place moves after the files are there, so that nothing is left out: after
//! a crash in between, a file comes twice, as AWS says it may.

mod deliver;
mod files;
mod logs;

use std::sync::Arc;
use std::time::Duration;

use neargate_api::model::cloudtrail::{Delivery, Trail};
use neargate_api::{Cloud, Record, Services};
use neargate_api_s3::S3;
use neargate_eventlog::EventLog;
use neargate_reconcile::Progress;
use tokio::sync::watch;

/// AWS delivers about every five minutes; nobody here should wait so long.
const EVERY: Duration = Duration::from_secs(5);

/// What the loop works with.
pub struct Trails {
    pub cloud: Arc<Cloud>,
    pub services: Arc<Services>,
    pub s3: S3,
    pub log: EventLog,
    pub progress: Progress,
}

/// Runs until `stop` turns true.
pub async fn run(trails: Trails, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let waits_for = trails.turn().await;
        trails.progress.note("trails", trails.cloud.clock.now(), waits_for);
    }
}

impl Trails {
    /// One delivery of each trail; what could not be delivered, and why.
    async fn turn(&self) -> Vec<String> {
        let mut waits_for = Vec::new();
        let snapshot = self.cloud.store.snapshot();
        for trail in snapshot.all::<Trail>() {
            let Some(delivery) = snapshot.get::<Delivery>(&trail.key()) else { continue };
            if delivery.until == Some(delivery.from) {
                continue;
            }
            if let Err(why) = self.deliver(&trail, &delivery).await {
                waits_for.push(format!("{}: {why}", trail.name));
            }
        }
        waits_for
    }
}
