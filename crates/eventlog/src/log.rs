//! The handle: entries in, without waiting; positions and reads out.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::entry::Entry;
use crate::limits::Limits;
use crate::segment::{self, Position, Segment};
use crate::writer::{Job, Writer};

/// The log. Clones are handles to the same one; when the last is dropped, what
/// waits is written.
#[derive(Clone)]
pub struct EventLog {
    pub(crate) shared: Arc<Shared>,
    hand: Arc<Hand>,
}

/// What the handles and the writer share.
pub(crate) struct Shared {
    pub directory: PathBuf,
    pub limits: Limits,
    /// Oldest first; never empty once the writer has begun.
    segments: Mutex<Vec<Segment>>,
    /// Bytes that wait.
    pub waiting: AtomicUsize,
    /// Entries that were dropped since the log was opened.
    pub dropped: AtomicU64,
}

impl Shared {
    pub fn segments(&self) -> MutexGuard<'_, Vec<Segment>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writer's thread. Both are there until this is dropped.
struct Hand {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl EventLog {
    /// Opens the log in `directory`, which is made when it is not there.
    pub fn open(directory: &Path, limits: Limits) -> io::Result<EventLog> {
        let segments = segment::open_all(directory)?;
        let shared = Arc::new(Shared {
            directory: directory.to_owned(),
            limits,
            segments: Mutex::new(segments),
            waiting: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
        });
        let writer = Writer::open(shared.clone())?;
        let (jobs, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("event-log".into())
            .spawn(move || writer.serve(&waiting))?;
        Ok(EventLog { shared, hand: Arc::new(Hand { jobs: Some(jobs), thread: Some(thread) }) })
    }

    /// Leaves an entry to be made and written; `size` is about what it holds
    /// until then. Dropped, and counted, when too much waits.
    pub fn append(&self, size: usize, make: impl FnOnce() -> Option<Entry> + Send + 'static) {
        let waiting = self.shared.waiting.fetch_add(size, Ordering::Relaxed);
        if waiting + size > self.shared.limits.queue_bytes {
            self.shared.waiting.fetch_sub(size, Ordering::Relaxed);
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.tell(Job::Append { size, make: Box::new(make) });
    }

    /// Where the log ends, once all that was appended before is in it.
    pub async fn end(&self) -> Position {
        let (reply, answer) = oneshot::channel();
        self.tell(Job::Settle(reply));
        // The writer answers unless it has died; what is published is the end then.
        let _ = answer.await;
        let segments = self.shared.segments();
        segments.last().map_or_else(Position::default, |last| Position {
            segment: last.number,
            offset: last.len,
        })
    }

    /// Entries that were dropped since the log was opened, because too much waited.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    fn tell(&self, job: Job) {
        if let Some(jobs) = &self.hand.jobs {
            let _ = jobs.send(job);
        }
    }
}
