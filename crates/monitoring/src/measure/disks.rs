//! How much tasks have written to their disks, for Container Insights. It takes a walk over all of
//! their files, so that it is done beside the loop and seldom.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use neargate_runtime::Task;

/// How long a walk counts.
const EVERY: Duration = Duration::from_secs(30);

/// What the last walk found, by task.
#[derive(Default)]
pub struct Disks {
    found: Arc<Mutex<HashMap<String, u64>>>,
    walking: Arc<AtomicBool>,
    walked: Option<Instant>,
}

impl Disks {
    /// Bytes on the disk of a task; `None` before the first walk that it was there for.
    pub fn of(&self, task_id: &str) -> Option<u64> {
        lock(&self.found).get(task_id).copied()
    }

    /// Walks once more where it is time, or where a task is new.
    pub fn follow(&mut self, tasks: Vec<Task>) {
        let is_due = self.walked.is_none_or(|walked| walked.elapsed() >= EVERY);
        let has_new = {
            let found = lock(&self.found);
            tasks.iter().any(|task| !found.contains_key(task.id()))
        };
        if tasks.is_empty() || !(is_due || has_new) || self.walking.swap(true, Ordering::AcqRel) {
            return;
        }
        self.walked = Some(Instant::now());
        let (found, walking) = (self.found.clone(), self.walking.clone());
        tokio::task::spawn_blocking(move || {
            let walked = tasks.iter().map(|task| (task.id().to_owned(), task.disk_bytes()));
            let walked = walked.collect();
            *lock(&found) = walked;
            walking.store(false, Ordering::Release);
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
