//! The handle: append and delete through the writer, read on a blocking thread
//! from what is published, and be told when a group has new lines.

use std::collections::HashMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};

use crate::arrivals::{self, Arrivals};
use crate::catalog::{Catalog, Source};
use crate::error::{LogError, OpenError};
use crate::event::{NewEvent, StreamStats};
use crate::opening;
use crate::page::{self, Filter, FilteredPage, Page, Read, Streams};
use crate::scan::{self, Scan, Scanned};
use crate::segment::StreamName;
use crate::writer::{Job, Reply, Writer};

/// The lines. Clones are handles to the same ones; when the last is dropped,
/// what waits is written and the directory is released.
#[derive(Clone)]
pub struct LogLines {
    shared: Arc<Shared>,
    thread: Arc<Thread>,
}

/// What readers and the writer share.
#[derive(Default)]
pub(crate) struct Shared {
    pub catalog: RwLock<Catalog>,
    /// How often each group that somebody watches got lines.
    tails: Mutex<HashMap<String, watch::Sender<u64>>>,
}

struct Thread {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl LogLines {
    /// Opens the directory, which is made when it is not there.
    pub fn open(directory: &Path) -> Result<LogLines, OpenError> {
        let opened = opening::open(directory)?;
        let shared = Arc::new(Shared::default());
        *shared.write_catalog() = opened.catalog;
        let writer = Writer::new(
            directory.to_owned(),
            Arc::clone(&shared),
            opened.next_sequence,
            opened.lock,
        );
        let (jobs, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("log-writer".into())
            .spawn(move || writer.serve(&waiting))
            .map_err(OpenError::Thread)?;
        Ok(LogLines { shared, thread: Arc::new(Thread { jobs: Some(jobs), thread: Some(thread) }) })
    }

    /// Adds events behind the stream's last, and answers when they are on disk.
    /// A stream begins to be with its first event. Limits on size, count, age
    /// and order of a batch are the caller's.
    pub async fn append(
        &self,
        group: &str,
        stream: &str,
        events: Vec<NewEvent>,
    ) -> Result<(), LogError> {
        let name = StreamName { group: group.into(), stream: stream.into() };
        self.ask(|reply| Job::Append { name, events, reply }).await
    }

    /// One page of one stream: GetLogEvents. A stream without events is empty.
    pub async fn read(&self, group: &str, stream: &str, read: Read) -> Result<Page, LogError> {
        let streams = Streams::Named(vec![stream.to_owned()]);
        let (sources, expired_before_ms) = self.shared.sources(group, &streams);
        blocking(move || page::read(sources, &read, expired_before_ms)).await
    }

    /// One page of the events of a group's streams whose message `accepts`, by
    /// time: FilterLogEvents.
    pub async fn filter(
        &self,
        group: &str,
        filter: Filter,
        accepts: impl Fn(&str) -> bool + Send + 'static,
    ) -> Result<FilteredPage, LogError> {
        let (sources, expired_before_ms) = self.shared.sources(group, &filter.streams);
        blocking(move || page::filter(sources, &filter, expired_before_ms, &accepts)).await
    }

    /// What has arrived in a group since the event of this sequence, by arrival. About
    /// `limit_bytes` of it: what is answered with tells where to go on.
    pub async fn arrivals(
        &self,
        group: &str,
        streams: Streams,
        since: u64,
        limit_bytes: u64,
    ) -> Result<Arrivals, LogError> {
        let (sources, expired_before_ms) = self.shared.sources(group, &streams);
        blocking(move || arrivals::arrivals(sources, since, limit_bytes, expired_before_ms)).await
    }

    /// The sequence of the last event to arrive in a group; 0 while there is none.
    pub fn last_sequence(&self, group: &str) -> u64 {
        let catalog = self.shared.read_catalog();
        let streams = catalog.group(group).into_iter().flat_map(|group| group.streams.values());
        let blocks = streams.flat_map(|stream| stream.segments.iter().flat_map(|s| &s.blocks));
        blocks.map(|block| block.summary.last_sequence).max().unwrap_or(0)
    }

    /// Gives all events of a group within a range of time to `visit`, in no order, block by
    /// block, until it wants no more.
    pub async fn scan(
        &self,
        group: &str,
        scan: Scan,
        visit: impl FnMut(Scanned<'_>) -> bool + Send + 'static,
    ) -> Result<(), LogError> {
        let (sources, expired_before_ms) = self.shared.sources(group, &Streams::All);
        blocking(move || scan::scan(sources, scan, expired_before_ms, visit)).await
    }

    /// A signal for every append to this group from now on.
    pub fn tail(&self, group: &str) -> Tail {
        let mut tails = self.shared.tails();
        let sender = tails.entry(group.to_owned()).or_default();
        Tail { appended: sender.subscribe() }
    }

    /// `None` for a stream without events.
    pub fn stream_stats(&self, group: &str, stream: &str) -> Option<StreamStats> {
        let name = StreamName { group: group.into(), stream: stream.into() };
        self.shared.read_catalog().stream(&name)?.stats()
    }

    /// The bytes of all events in a group, as AWS counts them.
    pub fn group_bytes(&self, group: &str) -> u64 {
        let catalog = self.shared.read_catalog();
        let streams = catalog.group(group).into_iter().flat_map(|group| group.streams.values());
        streams.filter_map(|stream| stream.stats()).map(|stats| stats.stored_bytes).sum()
    }

    /// The groups that have events.
    pub fn groups(&self) -> Vec<String> {
        self.shared.read_catalog().group_names().map(|name| name.to_string()).collect()
    }

    /// The streams of a group that have events.
    pub fn streams(&self, group: &str) -> Vec<String> {
        let catalog = self.shared.read_catalog();
        let streams = catalog.group(group).into_iter().flat_map(|group| group.streams.keys());
        streams.map(|name| name.to_string()).collect()
    }

    /// Forgets a stream's events. Do this before its name is free to be used
    /// again: a later stream of the same name must not inherit them.
    pub async fn delete_stream(&self, group: &str, stream: &str) -> Result<(), LogError> {
        let name = StreamName { group: group.into(), stream: stream.into() };
        self.ask(|reply| Job::DeleteStream { name, reply }).await
    }

    /// Forgets a group's events, as [`delete_stream`](Self::delete_stream).
    pub async fn delete_group(&self, group: &str) -> Result<(), LogError> {
        let group = group.to_owned();
        self.ask(|reply| Job::DeleteGroup { group, reply }).await
    }

    /// Hides a group's events before this time, and frees the segments that
    /// hold nothing else. Not remembered over a restart: whoever owns the
    /// retention asks for it again and again.
    pub async fn expire(&self, group: &str, before_ms: i64) -> Result<(), LogError> {
        let group = group.to_owned();
        self.ask(|reply| Job::Expire { group, before_ms, reply }).await
    }

    async fn ask(&self, job: impl FnOnce(Reply) -> Job) -> Result<(), LogError> {
        let (reply, answer) = oneshot::channel();
        if let Some(jobs) = &self.thread.jobs {
            jobs.send(job(reply)).ok();
        }
        answer.await.unwrap_or(Err(LogError::Closed))
    }
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|error| Err(LogError::Read(error.to_string())))
}

impl Shared {
    // The catalog is never left half-changed, so that a panic elsewhere is no
    // reason not to read it.
    pub fn read_catalog(&self) -> RwLockReadGuard<'_, Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn write_catalog(&self) -> RwLockWriteGuard<'_, Catalog> {
        self.catalog.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn tails(&self) -> std::sync::MutexGuard<'_, HashMap<String, watch::Sender<u64>>> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes who watches the group; forgets it when nobody does any more.
    pub fn notify(&self, group: &str) {
        let mut tails = self.tails();
        let Some(sender) = tails.get(group) else { return };
        if sender.receiver_count() == 0 {
            tails.remove(group);
        } else {
            sender.send_modify(|count| *count += 1);
        }
    }

    /// The blocks of some streams, and the time before which they have expired.
    fn sources(&self, group: &str, streams: &Streams) -> (Vec<Source>, i64) {
        let catalog = self.read_catalog();
        let Some(group) = catalog.group(group) else { return (Vec::new(), 0) };
        let mut sources = Vec::new();
        match streams {
            Streams::All => {
                for (name, stream) in &group.streams {
                    sources.extend(stream.sources(name));
                }
            }
            Streams::Prefix(prefix) => {
                let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
                let from = group.streams.range::<str, _>(from);
                for (name, stream) in from.take_while(|(name, _)| name.starts_with(&**prefix)) {
                    sources.extend(stream.sources(name));
                }
            }
            Streams::Named(names) => {
                for name in names {
                    if let Some((name, stream)) = group.streams.get_key_value(name.as_str()) {
                        sources.extend(stream.sources(name));
                    }
                }
            }
        }
        (sources, group.expired_before_ms)
    }

    /// Looks up the first event left in each stream that lost some, for its
    /// statistics.
    pub fn find_first_unexpired(&self, group: &str) {
        let names: Vec<Arc<str>> = {
            let catalog = self.read_catalog();
            let Some(entry) = catalog.group(group) else { return };
            let lost = |stream: &crate::catalog::Stream| {
                stream.stats().is_some_and(|stats| stats.first_event_ms < entry.expired_before_ms)
            };
            let streams = entry.streams.iter().filter(|(_, stream)| lost(stream));
            streams.map(|(name, _)| Arc::clone(name)).collect()
        };
        for stream in names {
            let (sources, before) = self.sources(group, &Streams::Named(vec![stream.to_string()]));
            let first = Read { limit: Some(1), start_from_head: true, ..Read::default() };
            if let Ok(page) = page::read(sources, &first, before)
                && let Some(event) = page.events.first()
            {
                let name = StreamName { group: group.into(), stream };
                let first_ms = event.timestamp_ms;
                self.write_catalog().stream_mut(&name).first_unexpired_ms = Some(first_ms);
            }
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Wakes its holder when its group got lines. Several appends in quick
/// succession may wake it once.
#[derive(Debug)]
pub struct Tail {
    appended: watch::Receiver<u64>,
}

impl Tail {
    /// Waits for lines that this watcher has not been woken for.
    pub async fn changed(&mut self) {
        if self.appended.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
