//! Queries of Logs Insights. What is asked is a fact of the store; what it finds is only kept in
//! memory, and found again when somebody asks for it after a restart: a query's range of time is
//! fixed, so that it is the same.
//!
//! ```text
//! StartQuery ─▶ LogQuery (store) ─▶ run (a thread, two at a time) ─▶ rows (memory), the end (store)
//! GetQueryResults ─▶ rows, or what was seen so far; run again when nobody has the rows
//! ```

pub mod describe;
pub mod fields;
pub mod record;
pub mod results;
mod run;
pub mod start;
pub mod stop;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use neargate_api::AwsError;
use neargate_api::types::logs::error;
use neargate_loglines::LogLines;
use neargate_logquery::insights::{Row, Statistics};
use tokio::sync::Semaphore;

/// Queries that run at the same time.
const AT_ONCE: usize = 2;

/// Finished queries whose rows are kept, and how many bytes of rows.
const KEPT: usize = 50;
const KEPT_BYTES: usize = 64 << 20;

/// The queries that are known here and now.
#[derive(Clone)]
pub struct Queries {
    lines: LogLines,
    /// By the keys of their records.
    known: Arc<Mutex<Known>>,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct Known {
    running: BTreeMap<String, Arc<Running>>,
    found: BTreeMap<String, Arc<Found>>,
    /// The order in which they were found.
    order: VecDeque<String>,
}

/// A query on its way.
#[derive(Default)]
struct Running {
    begun: AtomicBool,
    cancelled: AtomicBool,
    seen: Mutex<Statistics>,
}

/// What a query has found.
struct Found {
    rows: Vec<Row>,
    statistics: Statistics,
    /// Why it has failed.
    failed: Option<String>,
}

impl Queries {
    pub fn new(lines: LogLines) -> Queries {
        Queries { lines, known: Arc::default(), room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    fn status(&self) -> &'static str {
        match self.begun.load(Ordering::Relaxed) {
            true => "Running",
            false => "Scheduled",
        }
    }

    fn seen(&self) -> Statistics {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Keeps what a query has found, and forgets what others have found long ago.
    fn keep(&mut self, key: String, found: Found) {
        self.running.remove(&key);
        self.found.insert(key.clone(), Arc::new(found));
        self.order.push_back(key);
        let size = |found: &Arc<Found>| found.bytes();
        let mut bytes: usize = self.found.values().map(size).sum();
        while self.order.len() > 1 && (self.order.len() > KEPT || bytes > KEPT_BYTES) {
            let oldest = self.order.pop_front().and_then(|key| self.found.remove(&key));
            bytes -= oldest.map_or(0, |oldest| oldest.bytes());
        }
    }
}

impl Found {
    fn bytes(&self) -> usize {
        let cells = self.rows.iter().flatten();
        cells.map(|(name, value)| name.len() + value.len() + 48).sum()
    }
}

/// Queries of another language than Insights' own.
fn check_language(language: Option<&str>) -> Result<(), AwsError> {
    match language {
        None | Some("CWLI") => Ok(()),
        Some(other) => Err(error::invalid_parameter_exception(format!(
            "Neargate runs queries in CWLI, the language of Logs Insights, and not in {other}."
        ))),
    }
}

/// AWS's error for a query that nobody has asked.
fn not_found(id: &str) -> AwsError {
    error::resource_not_found_exception(format!("Query with id {id} does not exist."))
}
