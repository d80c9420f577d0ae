//! What could not be delivered last, for people: a line per target, until it takes an event.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

#[derive(Debug, Default)]
pub struct Complaints {
    by_target: Mutex<BTreeMap<String, String>>,
}

impl Complaints {
    /// The target has not taken an event, for this reason. Whether that is news.
    pub fn about(&self, target: &str, why: &str) -> bool {
        let mut all = self.by_target.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(target.to_owned(), why.to_owned()).is_none_or(|before| before != why)
    }

    /// Forgets those about targets that are no more.
    pub fn keep(&self, is_there: impl Fn(&str) -> bool) {
        let mut all = self.by_target.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|target, _| is_there(target));
    }

    /// The target takes events.
    pub fn settle(&self, target: &str) {
        self.by_target.lock().unwrap_or_else(PoisonError::into_inner).remove(target);
    }

    pub fn all(&self) -> Vec<String> {
        let all = self.by_target.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().map(|(target, why)| format!("{target}: {why}")).collect()
    }
}
