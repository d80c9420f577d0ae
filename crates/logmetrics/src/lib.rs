//! Metric filters act: each line that comes into a group which has some, from a container or by
//! PutLogEvents, is read once and becomes values of metrics.
//!
//! ```text
//! loglines ── arrivals since the place ──▶ rules (pure: logquery) ──▶ series
//!                     ▲                                                  │
//!                     └───────── the place moves (a fact) ◀──────────────┘
//! ```
//!
//! Whoever brings lines waits for none of this, and a group without a filter is not looked at.
//! The place moves after the values are among the metrics: no line is left out, and after a crash
//! in between those of the last look, of a quarter of a second or so, count twice.

mod rule;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use neargate_api::model::logs::{LogGroup, MetricFilter, MetricFilterPlace};
use neargate_api::{Cloud, Record, StoreError, Timestamp};
use neargate_loglines::{LogLines, Streams};
use neargate_reconcile::Progress;
use neargate_series::Series;
use tokio::sync::watch;

use rule::Rule;
use tally::Tally;

/// Lines that come in such a while are read together.
const PAUSE: Duration = Duration::from_millis(250);
/// How much is read at once.
const LIMIT_BYTES: u64 = 4 << 20;

/// What the loop works with.
#[derive(Clone)]
pub struct LogMetrics {
    cloud: Arc<Cloud>,
    lines: LogLines,
    series: Arc<Series>,
    progress: Progress,
    /// What is wrong, by group.
    complaints: Arc<Mutex<BTreeMap<String, String>>>,
}

/// Follows every group that has a metric filter until `stop` turns true.
pub async fn run(metrics: LogMetrics, stop: watch::Receiver<bool>) {
    let mut followed = BTreeMap::new();
    let mut stopped = stop.clone();
    let mut changes = metrics.cloud.store.changes_in::<MetricFilter>();
    loop {
        followed.retain(|_, task: &mut tokio::task::JoinHandle<()>| !task.is_finished());
        for group in metrics.groups() {
            let follow = || tokio::spawn(metrics.clone().follow(group.clone(), stop.clone()));
            followed.entry(group.clone()).or_insert_with(follow);
        }
        tokio::select! {
            _ = changes.changed() => {}
            _ = stopped.wait_for(|stop| *stop) => break,
        }
    }
    for task in followed.into_values() {
        task.await.ok();
    }
}

impl LogMetrics {
    pub fn new(
        cloud: Arc<Cloud>,
        lines: LogLines,
        series: Arc<Series>,
        progress: Progress,
    ) -> LogMetrics {
        LogMetrics { cloud, lines, series, progress, complaints: Arc::default() }
    }

    /// The keys of the groups that have filters.
    fn groups(&self) -> BTreeSet<String> {
        let snapshot = self.cloud.store.snapshot();
        let filters = snapshot.all::<MetricFilter>();
        filters.map(|filter| LogGroup::key_of(&filter.region, &filter.group)).collect()
    }

    /// Reads what comes into one group for as long as it has filters.
    async fn follow(self, group: String, mut stop: watch::Receiver<bool>) {
        let mut tail = self.lines.tail(&group);
        let mut changes = self.cloud.store.changes_in::<MetricFilter>();
        let mut tally = Tally::default();
        loop {
            let turned = self.turn(&group, &mut tally).await;
            let (turned, failed) = match turned {
                Ok(turned) => (turned, None),
                Err(why) => (Turned::default(), Some(why)),
            };
            let has_failed = failed.is_some();
            self.note(&group, failed.or(tally.complaint()));
            if turned.is_over {
                return self.note(&group, None);
            }
            let next = async {
                match turned.look_at {
                    Some(at) => self.cloud.sleep_until(at).await,
                    None if has_failed => tokio::time::sleep(Duration::from_secs(1)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = std::future::ready(()), if turned.more => {}
                () = tail.changed() => {}
                _ = changes.changed() => {}
                () = next => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            if !turned.more {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Reads what has come since the last time.
    async fn turn(&self, group: &str, tally: &mut Tally) -> Result<Turned, String> {
        let snapshot = self.cloud.store.snapshot();
        let Some(found) = snapshot.get::<LogGroup>(group) else { return Ok(Turned::over()) };
        let filters: Vec<_> = snapshot.scan::<MetricFilter>(&found.children()).collect();
        if filters.is_empty() {
            return Ok(Turned::over());
        }
        let rules: Vec<Rule> = filters.iter().filter_map(|filter| Rule::of(filter)).collect();
        let place = snapshot.get::<MetricFilterPlace>(group);
        let mut place = place.map_or_else(
            || MetricFilterPlace {
                region: found.region.clone(),
                group: found.name.clone(),
                sequence: self.lines.last_sequence(group),
                ..MetricFilterPlace::default()
            },
            |place| MetricFilterPlace::clone(&place),
        );
        let before = place.clone();
        let arrived = self.lines.arrivals(group, Streams::All, place.sequence, LIMIT_BYTES).await;
        let arrived = arrived.map_err(|error| error.to_string())?;
        let now = self.cloud.clock.now();
        let data = tally.take(&rules, &arrived, now.millis(), &mut place);
        if !data.is_empty() {
            let series = Arc::clone(&self.series);
            let put = tokio::task::spawn_blocking(move || series.put(&data)).await;
            let put = put.map_err(|error| error.to_string())?;
            put.map_err(|error| error.to_string())?;
        }
        let look_at =
            place.minutes.values().filter_map(neargate_logquery::metric_filter::close_at_ms);
        let look_at = look_at.min().map(Timestamp);
        if place != before {
            self.keep(place).await.map_err(|error| error.to_string())?;
        }
        Ok(Turned { more: arrived.more, look_at, is_over: false })
    }

    /// Notes the place, unless the group was deleted meanwhile.
    async fn keep(&self, place: MetricFilterPlace) -> Result<(), StoreError> {
        let written = self.cloud.store.write(move |tx| {
            if tx.contains::<LogGroup>(&place.key()) {
                tx.put(place);
            }
            Ok(())
        });
        written.await
    }

    fn note(&self, group: &str, complaint: Option<String>) {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        match complaint {
            Some(why) => {
                let told = complaints.insert(group.to_owned(), why.clone());
                if told.as_ref() != Some(&why) {
                    tracing::warn!(group, why, "metric filters");
                }
            }
            None => {
                complaints.remove(group);
            }
        }
        let told = complaints.iter().map(|(group, why)| format!("{group}: {why}")).collect();
        self.progress.note("logmetrics", self.cloud.clock.now(), told);
    }
}

/// What a look has come to.
#[derive(Default)]
struct Turned {
    /// There is more to be read already.
    more: bool,
    /// A minute is over then, and its default values may be due.
    look_at: Option<Timestamp>,
    /// There is nothing to be followed any more.
    is_over: bool,
}

impl Turned {
    fn over() -> Turned {
        Turned { is_over: true, ..Turned::default() }
    }
}

#[cfg(test)]
mod tests;
