//! Application Auto Scaling at work.
//!
//! ```text
//!  alarms, metrics ─▶ look: what the policies of a target come to ─▶ an activity, Pending
//!                                                                        │
//!  ecs:UpdateService, as the service-linked role ◀── carry ◀─────────────┘ InProgress, or Failed
//!                                                                        │
//!  tasks run ─────────────────────────────────────▶ settle ◀─────────────┘ Successful, or Overridden
//! ```
//!
//! Scheduled actions change a target's bounds, and with them the capacity, by the same way.
//! So do forecasts, which are made of what the load was ([`forecast`]).
//! It looks once a minute, for as long as an alarm is in ALARM, and at once when an alarm changes.
//! What is decided is written before it is done, so that a kill between the two loses nothing: the
//! next turn carries out what is Pending. The decisions are `neargate_plan::scaling`'s; each step
//! here is a plain function over the state, which the simulation calls as the loop does.

mod carry;
mod forecast;
pub mod look;
pub mod scheduled;
mod series_values;
pub mod settle;

use std::sync::Arc;
use std::time::Duration;

use neargate_api::model::application_autoscaling::{ScalableTarget, ScalingPolicy};
use neargate_api::model::cloudwatch::Alarm;
use neargate_api::{Cloud, Record, Services, Snapshot, StoreError, Timestamp};
use neargate_plan::scaling::Plan;
use neargate_reconcile::Progress;
use neargate_series::Series;
use tokio::sync::watch;

pub use carry::{carried, pending, request};

use look::Due;
use series_values::SeriesValues;

/// How exactly minutes are kept, and activities settled.
const EVERY: Duration = Duration::from_secs(1);

/// What the loop works with.
pub struct Scaling {
    pub cloud: Arc<Cloud>,
    pub services: Arc<Services>,
    pub series: Arc<Series>,
    pub progress: Progress,
}

/// When it has looked last.
struct Seen {
    minute: i64,
    /// A minute is looked at one turn after it began: what was measured of the last one is there then.
    is_minute_due: bool,
    alarms: u64,
}

/// Runs until `stop` turns true.
pub async fn run(scaling: Scaling, mut stop: watch::Receiver<bool>) {
    let mut alarms = scaling.cloud.store.changes_in::<Alarm>();
    let mut seen = Seen { minute: 0, is_minute_due: false, alarms: 0 };
    loop {
        if let Err(error) = scaling.turn(&mut seen).await {
            tracing::warn!(%error, "scaling could not be noted; it is tried again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = alarms.changed() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

impl Scaling {
    async fn turn(&self, seen: &mut Seen) -> Result<(), StoreError> {
        let now = self.cloud.clock.now();
        self.schedules(now).await?;
        if self.is_due(seen, now) {
            self.look(now).await?;
        }
        self.carry(now).await?;
        self.settle(now).await
    }

    fn is_due(&self, seen: &mut Seen, now: Timestamp) -> bool {
        let minute = now.secs().div_euclid(60);
        let alarms = self.cloud.store.snapshot().version_of::<Alarm>();
        let is_due = seen.is_minute_due || seen.alarms != alarms;
        seen.is_minute_due = seen.minute != minute;
        (seen.minute, seen.alarms) = (minute, alarms);
        is_due
    }

    /// Does what scheduled actions say whose time has come.
    async fn schedules(&self, now: Timestamp) -> Result<(), StoreError> {
        for key in scheduled::due(&self.cloud.store.snapshot(), now) {
            let rng = self.cloud.rng.clone();
            let write = self.cloud.store.write(move |tx| {
                scheduled::apply(tx, &key, &rng, now);
                Ok::<(), StoreError>(())
            });
            write.await?;
        }
        Ok(())
    }

    /// Decides on every target, and writes down what shall be done, or why nothing is.
    async fn look(&self, now: Timestamp) -> Result<(), StoreError> {
        let snapshot = self.cloud.store.snapshot();
        let values = SeriesValues { snapshot: &snapshot, series: &self.series, now };
        let mut waits_for = Vec::new();
        self.forecast(&snapshot, now).await?;
        for due in look::due(&snapshot, &values) {
            match look::plan(&snapshot, &due, now) {
                Some(Plan::Wait(why)) => waits_for.push(format!("{}: {why}", due.resource_id())),
                Some(Plan::Scale(_) | Plan::NotScaled { .. }) => self.apply(due, now).await?,
                Some(Plan::Rest) | None => {}
            }
        }
        self.progress.note("scaling", now, waits_for);
        Ok(())
    }

    /// Makes the forecasts that are due, and scales by all.
    async fn forecast(&self, snapshot: &Snapshot, now: Timestamp) -> Result<(), StoreError> {
        for policy in forecast::due(snapshot, now) {
            match forecast::made(&policy, &self.series, now) {
                Ok(Some(made)) => {
                    let write = self.cloud.store.write(move |tx| {
                        if tx.get::<ScalingPolicy>(&made.policy).is_some() {
                            tx.put(made);
                        }
                        Ok::<(), StoreError>(())
                    });
                    write.await?;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a load could not be read"),
            }
        }
        let snapshot = self.cloud.store.snapshot();
        for target in snapshot.all::<ScalableTarget>() {
            if forecast::below(&snapshot, &target, now).is_some() {
                let (key, rng) = (target.key(), self.cloud.rng.clone());
                let write = self.cloud.store.write(move |tx| {
                    forecast::apply(tx, &key, &rng, now);
                    Ok::<(), StoreError>(())
                });
                write.await?;
            }
        }
        Ok(())
    }

    async fn apply(&self, due: Due, now: Timestamp) -> Result<(), StoreError> {
        let rng = self.cloud.rng.clone();
        let write = self.cloud.store.write(move |tx| {
            look::apply(tx, &due, &rng, now);
            Ok(())
        });
        write.await
    }

    async fn settle(&self, now: Timestamp) -> Result<(), StoreError> {
        let settled = settle::settled(&self.cloud.store.snapshot(), now);
        if settled.is_empty() {
            return Ok(());
        }
        let write = self.cloud.store.write(move |tx| {
            for activity in settled {
                tx.put(activity);
            }
            Ok(())
        });
        write.await
    }
}

#[cfg(test)]
mod tests;
