//! How far a pull is, for a line on a terminal.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::manifest::Descriptor;

/// Bytes between two reports.
const STEP: u64 = 1024 * 1024;

/// How far a pull is. Its text is one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub reference: String,
    /// Layers and the configuration: those complete, and all.
    pub blobs_done: usize,
    pub blobs: usize,
    /// Compressed bytes, those there already included.
    pub bytes_done: u64,
    pub bytes: u64,
    pub complete: bool,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let Progress { reference, blobs_done, blobs, .. } = self;
        if self.complete {
            return write!(f, "{reference}: pulled, {:.1} MB", megabytes(self.bytes));
        }
        if *blobs == 0 {
            return write!(f, "{reference}: resolving");
        }
        let (done, all) = (megabytes(self.bytes_done), megabytes(self.bytes));
        write!(f, "{reference}: {done:.1} of {all:.1} MB, {blobs_done}/{blobs} parts")
    }
}

/// Gathers what concurrent fetches report, and tells the listener.
pub struct Reporter<'a> {
    listener: &'a (dyn Fn(&Progress) + Send + Sync),
    state: Mutex<State>,
}

struct State {
    progress: Progress,
    reported_at: u64,
}

impl<'a> Reporter<'a> {
    pub fn new(reference: String, listener: &'a (dyn Fn(&Progress) + Send + Sync)) -> Self {
        let progress = Progress { reference, ..Progress::default() };
        listener(&progress);
        Reporter { listener, state: Mutex::new(State { progress, reported_at: 0 }) }
    }

    pub fn begin(&self, parts: &[Descriptor]) {
        self.report(|state| {
            state.progress.blobs = parts.len();
            state.progress.bytes = parts.iter().map(|part| part.size).sum();
            true
        });
    }

    /// Bytes that came, or that were there.
    pub fn bytes(&self, count: u64) {
        self.report(|state| {
            state.progress.bytes_done += count;
            state.progress.bytes_done >= state.reported_at + STEP
        });
    }

    /// Bytes that were for nothing: they have to come again.
    pub fn lost(&self, count: u64) {
        self.report(|state| {
            state.progress.bytes_done = state.progress.bytes_done.saturating_sub(count);
            state.reported_at = state.reported_at.min(state.progress.bytes_done);
            false
        });
    }

    pub fn done(&self) {
        self.report(|state| {
            state.progress.blobs_done += 1;
            true
        });
    }

    pub fn finish(&self) {
        self.report(|state| {
            state.progress.complete = true;
            true
        });
    }

    fn report(&self, change: impl FnOnce(&mut State) -> bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if change(&mut state) {
            state.reported_at = state.progress.bytes_done;
            (self.listener)(&state.progress);
        }
    }
}
