//! One query over the lines of its groups.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use neargate_api::model::logs::{EndedQuery, LogQuery, lines_key};
use neargate_api::{Cloud, Record};
use neargate_loglines::{Scan, Scanned};
use neargate_logquery::insights::{Line, Query, Run};

use super::{Found, Queries, Running};
use crate::query::record::pointer;

/// So many events are looked at between two notes of how far it is.
const NOTED_EVERY: u64 = 1024;

/// A run and what has gone wrong in it.
struct Looking {
    run: Run,
    failed: Option<String>,
}

impl Queries {
    /// Runs a query unless it runs already.
    pub(super) fn begin(&self, cloud: &Arc<Cloud>, query: LogQuery) -> Arc<Running> {
        let key = query.key();
        let mut known = self.known();
        if let Some(running) = known.running.get(&key) {
            return running.clone();
        }
        let running = Arc::new(Running::default());
        known.running.insert(key, running.clone());
        tokio::spawn(self.clone().carry_out(cloud.clone(), query, running.clone()));
        running
    }

    async fn carry_out(self, cloud: Arc<Cloud>, query: LogQuery, running: Arc<Running>) {
        let room = self.room.clone().acquire_owned().await;
        running.begun.store(true, Ordering::Relaxed);
        let begun = cloud.clock.wall();
        let found = self.find(&cloud, &query, &running).await;
        drop(room);
        let status = match (running.cancelled.load(Ordering::Relaxed), &found.failed) {
            (true, _) => "Cancelled",
            (false, Some(why)) => {
                tracing::warn!(query = query.id, why, "a query of Logs Insights failed");
                "Failed"
            }
            (false, None) => "Complete",
        };
        let ended = EndedQuery {
            status: status.into(),
            took_ms: cloud.clock.wall().millis_since(begun).max(1),
            bytes_scanned: found.statistics.bytes_scanned,
        };
        let key = query.key();
        let end = key.clone();
        let written = cloud.store.write(move |tx| {
            tx.update::<LogQuery>(&end, |query| query.ended = Some(ended));
            Ok::<(), neargate_api::StoreError>(())
        });
        if let Err(error) = written.await {
            tracing::warn!(%error, "the end of a query could not be noted");
        }
        self.known().keep(key, found);
    }

    async fn find(&self, cloud: &Arc<Cloud>, query: &LogQuery, running: &Arc<Running>) -> Found {
        let failed = |why: String| Found {
            rows: Vec::new(),
            statistics: Default::default(),
            failed: Some(why),
        };
        let parsed = match Query::parse(&query.query) {
            Ok(parsed) => parsed,
            Err(malformed) => return failed(malformed.to_string()),
        };
        let run = Run::new(&parsed, query.limit, cloud.clock.now().millis());
        let looking = Arc::new(Mutex::new(Looking { run, failed: None }));
        for group in &query.groups {
            let scan = Scan { start_ms: query.start_ms, end_ms: query.end_ms };
            let visit = self.visitor(cloud, group, &looking, running);
            let key = lines_key(&query.region, group);
            if let Err(error) = self.lines.scan(&key, scan, visit).await {
                return failed(error.to_string());
            }
        }
        let Some(looking) = Arc::into_inner(looking) else {
            return failed("a line is being looked at still".into());
        };
        let Looking { run, failed: why } =
            looking.into_inner().unwrap_or_else(PoisonError::into_inner);
        let statistics = run.statistics;
        if why.is_some() || running.cancelled.load(Ordering::Relaxed) {
            return Found { rows: Vec::new(), statistics, failed: why };
        }
        let finished = tokio::task::spawn_blocking(move || run.finish()).await;
        match finished {
            Ok(Ok(rows)) => Found { rows, statistics, failed: None },
            Ok(Err(too_much)) => Found { statistics, ..failed(too_much.to_string()) },
            Err(error) => failed(error.to_string()),
        }
    }

    /// Gives the events of a group to the run, until that wants no more.
    fn visitor(
        &self,
        cloud: &Cloud,
        group: &str,
        looking: &Arc<Mutex<Looking>>,
        running: &Arc<Running>,
    ) -> impl FnMut(Scanned<'_>) -> bool + Send + 'static {
        let (looking, running, group) = (looking.clone(), running.clone(), group.to_owned());
        let log: Arc<str> = format!("{}:{group}", cloud.account).into();
        move |event| {
            let mut looking = looking.lock().unwrap_or_else(PoisonError::into_inner);
            let line = Line {
                timestamp_ms: event.timestamp_ms(),
                ingestion_ms: event.ingestion_ms(),
                message: event.message().to_owned(),
                stream: event.stream.clone(),
                log: log.clone(),
                ptr: pointer(&event.id(), &group, event.stream),
            };
            if let Err(too_much) = looking.run.push(line) {
                looking.failed = Some(too_much.to_string());
            }
            let seen = looking.run.statistics;
            if seen.records_scanned.is_multiple_of(NOTED_EVERY) {
                *running.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
            }
            looking.failed.is_none() && !running.cancelled.load(Ordering::Relaxed)
        }
    }
}
