//! The one writer: makes the entries that wait, appends them in one write, and
//! lets the oldest segments go.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::entry::Entry;
use crate::log::Shared;
use crate::segment::{self, Segment};

/// What comes within this is written together, so that calls in quick succession wake nobody.
const GATHER: Duration = Duration::from_millis(20);

/// The most entries that are written together.
const BATCH: usize = 4096;

type Make = Box<dyn FnOnce() -> Option<Entry> + Send>;

pub enum Job {
    Append {
        size: usize,
        make: Make,
    },
    /// Answered when everything before it is in the file.
    Settle(oneshot::Sender<()>),
}

pub struct Writer {
    shared: Arc<Shared>,
    file: File,
}

impl Writer {
    pub fn open(shared: Arc<Shared>) -> io::Result<Self> {
        let number = {
            let mut segments = shared.segments();
            if segments.is_empty() {
                segments.push(Segment { number: 1, len: 0, last_ms: 0 });
            }
            segments.last().map_or(1, |last| last.number)
        };
        let file = open_file(&shared, number)?;
        Ok(Writer { shared, file })
    }

    /// Serves until every handle is gone.
    pub fn serve(mut self, jobs: &Receiver<Job>) {
        let mut told = 0;
        while let Ok(first) = jobs.recv() {
            if matches!(first, Job::Append { .. }) {
                std::thread::sleep(GATHER);
            }
            let mut bytes = Vec::new();
            let (mut last_ms, mut size, mut settled) = (None, 0, Vec::new());
            let rest = jobs.try_iter().take(BATCH);
            for job in std::iter::once(first).chain(rest.collect::<Vec<_>>()) {
                match job {
                    Job::Append { size: one, make } => {
                        size += one;
                        if let Some(entry) = make() {
                            last_ms = Some(entry.at_ms);
                            push(&mut bytes, &entry);
                        }
                    }
                    Job::Settle(reply) => settled.push(reply),
                }
            }
            if let Some(last_ms) = last_ms
                && let Err(error) = self.write(&bytes, last_ms)
            {
                tracing::error!(%error, "API calls could not be written down");
            }
            self.shared.waiting.fetch_sub(size, Ordering::Relaxed);
            for reply in settled {
                let _ = reply.send(());
            }
            let dropped = self.shared.dropped.load(Ordering::Relaxed);
            if dropped > told {
                tracing::warn!(
                    "{} API calls were not written down: they came faster than the disk takes them",
                    dropped - told
                );
                told = dropped;
            }
        }
        let _ = self.file.sync_data();
    }

    fn write(&mut self, bytes: &[u8], last_ms: i64) -> io::Result<()> {
        let (number, len) = {
            let segments = self.shared.segments();
            segments.last().map_or((1, 0), |last| (last.number, last.len))
        };
        if len > 0 && len + bytes.len() as u64 > self.shared.limits.segment_bytes {
            self.file.sync_data()?;
            self.file = open_file(&self.shared, number + 1)?;
            let fresh = Segment { number: number + 1, len: 0, last_ms };
            self.shared.segments().push(fresh);
            self.expire(last_ms)?;
        }
        if let Err(error) = self.file.write_all(bytes) {
            // Half an entry must not stand before the next.
            let segments = self.shared.segments();
            self.file.set_len(segments.last().map_or(0, |last| last.len))?;
            return Err(error);
        }
        if let Some(last) = self.shared.segments().last_mut() {
            last.len += bytes.len() as u64;
            last.last_ms = last_ms;
        }
        Ok(())
    }

    /// Lets the oldest segments go, but never the one that is written to.
    fn expire(&self, now_ms: i64) -> io::Result<()> {
        let limits = self.shared.limits;
        loop {
            let oldest = {
                let mut segments = self.shared.segments();
                let total: u64 = segments.iter().map(|segment| segment.len).sum();
                let Some(oldest) = segments.first().copied() else { return Ok(()) };
                let old = now_ms.saturating_sub(oldest.last_ms) > limits.age_ms;
                let full = total + limits.segment_bytes > limits.total_bytes;
                if segments.len() < 2 || !(old || full) {
                    return Ok(());
                }
                segments.remove(0)
            };
            fs::remove_file(segment::path(&self.shared.directory, oldest.number))?;
        }
    }
}

fn open_file(shared: &Shared, number: u64) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(segment::path(&shared.directory, number))
}

fn push(bytes: &mut Vec<u8>, entry: &Entry) {
    let before = bytes.len();
    match serde_json::to_writer(&mut *bytes, entry) {
        Ok(()) => bytes.push(b'\n'),
        Err(error) => {
            bytes.truncate(before);
            tracing::error!(%error, "an API call could not be written down");
        }
    }
}
