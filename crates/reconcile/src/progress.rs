//! What the loops are doing, for people: a line per loop with what it waits for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use neargate_api::Timestamp;

/// The last turn of a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopStatus {
    pub at: Timestamp,
    /// What it waits for, or could not do yet and why.
    pub waits_for: Vec<String>,
}

/// The status of all loops. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    loops: Arc<Mutex<BTreeMap<&'static str, LoopStatus>>>,
}

impl Progress {
    /// Notes a turn.
    pub fn note(&self, name: &'static str, at: Timestamp, waits_for: Vec<String>) {
        let mut loops = self.loops.lock().unwrap_or_else(PoisonError::into_inner);
        loops.insert(name, LoopStatus { at, waits_for });
    }

    /// All loops by name.
    pub fn all(&self) -> BTreeMap<&'static str, LoopStatus> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
