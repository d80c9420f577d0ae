//! The one writer: takes whatever waits, writes each stream's events as frames
//! behind its last segment, syncs every file once, shows the result, and
//! answers. While one round of syncs is under way the next gathers, so that
//! the delay of an event is bounded by two rounds, however many wait.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use tokio::sync::oneshot;

use crate::block;
use crate::catalog::Catalog;
use crate::error::LogError;
use crate::event::NewEvent;
use crate::frame::{self, Summary};
use crate::lines::Shared;
use crate::opening::sync_directory;
use crate::segment::{self, INDEX_EVERY_BYTES, Segment, StreamName};

/// The most requests that share a round.
const BATCH: usize = 512;
/// The most files that are kept open for the next events.
const OPEN_FILES: usize = 64;

pub(crate) type Reply = oneshot::Sender<Result<(), LogError>>;

pub(crate) enum Job {
    Append { name: StreamName, events: Vec<NewEvent>, reply: Reply },
    DeleteStream { name: StreamName, reply: Reply },
    DeleteGroup { group: String, reply: Reply },
    Expire { group: String, before_ms: i64, reply: Reply },
}

pub(crate) struct Writer {
    directory: PathBuf,
    shared: Arc<Shared>,
    next_sequence: u64,
    /// Segments that were appended to lately.
    files: HashMap<Arc<Path>, File>,
    /// Keeps the directory locked.
    _lock: File,
}

/// What one round adds to a stream.
struct Addition {
    first_sequence: u64,
    bytes: Vec<u8>,
    /// Each frame's length and content.
    frames: Vec<(u64, Summary)>,
    replies: Vec<Reply>,
}

/// Where an addition went.
struct Written {
    path: Arc<Path>,
    /// The file's length before it.
    start: u64,
    new: bool,
}

impl Writer {
    pub fn new(directory: PathBuf, shared: Arc<Shared>, next_sequence: u64, lock: File) -> Self {
        Writer { directory, shared, next_sequence, files: HashMap::new(), _lock: lock }
    }

    /// Serves until every sender is gone, then saves every index.
    pub fn serve(mut self, jobs: &Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut additions = BTreeMap::new();
            let rest = jobs.try_iter().take(BATCH - 1);
            for job in std::iter::once(first).chain(rest.collect::<Vec<_>>()) {
                match job {
                    Job::Append { name, events, reply } => {
                        self.gather(&mut additions, name, &events, reply);
                    }
                    // What was asked before it comes before it.
                    other => {
                        self.append(std::mem::take(&mut additions));
                        self.remove(other);
                    }
                }
            }
            self.append(additions);
        }
        self.save_indexes();
    }

    fn gather(
        &mut self,
        additions: &mut BTreeMap<StreamName, Addition>,
        name: StreamName,
        events: &[NewEvent],
        reply: Reply,
    ) {
        let addition = additions.entry(name).or_insert_with(|| Addition {
            first_sequence: self.next_sequence,
            bytes: Vec::new(),
            frames: Vec::new(),
            replies: Vec::new(),
        });
        let before = addition.bytes.len();
        if let Some(summary) = frame::encode(self.next_sequence, events, &mut addition.bytes) {
            addition.frames.push(((addition.bytes.len() - before) as u64, summary));
        }
        self.next_sequence += events.len() as u64;
        addition.replies.push(reply);
    }

    /// Writes, syncs, publishes and answers.
    fn append(&mut self, additions: BTreeMap<StreamName, Addition>) {
        let mut outcomes = Vec::new();
        for (name, addition) in &additions {
            outcomes.push(self.write(name, addition));
        }
        for outcome in &mut outcomes {
            if let Ok(written) = outcome
                && let Err(error) = self.files[&written.path].sync_data()
            {
                self.discard(written);
                *outcome = Err(error);
            }
        }
        self.sync_names(&mut outcomes);
        self.close_some_files();
        let shared = Arc::clone(&self.shared);
        let mut answers = Vec::new();
        {
            // All of the round at once: whoever follows arrivals by their sequences must not see
            // a later one before an earlier one.
            let mut catalog = shared.write_catalog();
            for ((name, addition), outcome) in additions.iter().zip(outcomes) {
                answers.push(match outcome {
                    Ok(written) => {
                        publish(&mut catalog, name, addition, &written);
                        Ok(())
                    }
                    Err(error) => {
                        self.abandon_segment(&mut catalog, name);
                        Err(LogError::Write(error.to_string()))
                    }
                });
            }
        }
        for ((name, addition), answer) in additions.into_iter().zip(answers) {
            shared.notify(&name.group);
            for reply in addition.replies {
                reply.send(answer.clone()).ok();
            }
        }
    }

    fn write(&mut self, name: &StreamName, addition: &Addition) -> io::Result<Written> {
        let last = {
            let catalog = self.shared.read_catalog();
            let last = catalog.stream(name).and_then(|stream| stream.segments.last());
            last.filter(|last| !last.is_full()).map(|last| (Arc::clone(&last.path), last.length))
        };
        if let Some((path, start)) = last {
            if !self.files.contains_key(&path) {
                let file = File::options().read(true).write(true).open(&path)?;
                self.files.insert(Arc::clone(&path), file);
            }
            let file = &self.files[&path];
            file.write_all_at(&addition.bytes, start)?;
            return Ok(Written { path, start, new: false });
        }
        let path = self.directory.join(format!("{:016x}.log", addition.first_sequence));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        let mut bytes = segment::header(name);
        let start = bytes.len() as u64;
        bytes.extend(&addition.bytes);
        if let Err(error) = file.write_all_at(&bytes, 0) {
            std::fs::remove_file(&path).ok();
            return Err(error);
        }
        let path: Arc<Path> = path.into();
        self.files.insert(Arc::clone(&path), file);
        Ok(Written { path, start, new: true })
    }

    /// Makes the names of new files last.
    fn sync_names(&mut self, outcomes: &mut [io::Result<Written>]) {
        if !outcomes.iter().flatten().any(|written| written.new) {
            return;
        }
        let Err(error) = sync_directory(&self.directory) else { return };
        for outcome in outcomes {
            if let Ok(written) = outcome
                && written.new
            {
                self.discard(written);
                *outcome = Err(io::Error::new(error.kind(), error.to_string()));
            }
        }
    }

    /// Takes back a new file that will not be part of the catalog.
    fn discard(&mut self, written: &Written) {
        if written.new {
            self.files.remove(&written.path);
            std::fs::remove_file(&written.path).ok();
        }
    }

    /// After a failed write it is not known what is in the file behind the
    /// last good frame: nothing more goes there. What is behind is cut off at
    /// the next start, or is a whole frame that nobody was told of.
    fn abandon_segment(&mut self, catalog: &mut Catalog, name: &StreamName) {
        let known = catalog.stream(name).is_some();
        if known && let Some(last) = catalog.stream_mut(name).segments.last_mut() {
            last.sealed = true;
            if let Some(file) = self.files.remove(&last.path) {
                file.set_len(last.length).ok();
            }
        }
    }

    fn remove(&mut self, job: Job) {
        let (freed, reply) = match job {
            Job::DeleteStream { name, reply } => {
                (self.shared.write_catalog().remove_stream(&name), reply)
            }
            Job::DeleteGroup { group, reply } => {
                (self.shared.write_catalog().remove_group(&group), reply)
            }
            Job::Expire { group, before_ms, reply } => {
                let freed = self.shared.write_catalog().expire(&group, before_ms);
                self.shared.find_first_unexpired(&group);
                (freed, reply)
            }
            Job::Append { .. } => return,
        };
        let removed = self.free(&freed).map_err(|error| LogError::Write(error.to_string()));
        reply.send(removed).ok();
    }

    fn free(&mut self, segments: &[Segment]) -> io::Result<()> {
        if segments.is_empty() {
            return Ok(());
        }
        for segment in segments {
            self.files.remove(&segment.path);
            segment.remove()?;
        }
        sync_directory(&self.directory)
    }

    fn close_some_files(&mut self) {
        let surplus = self.files.len().saturating_sub(OPEN_FILES);
        let paths: Vec<Arc<Path>> = self.files.keys().take(surplus).cloned().collect();
        for path in paths {
            self.files.remove(&path);
        }
    }

    fn save_indexes(&self) {
        let mut catalog = self.shared.write_catalog();
        for segment in catalog.streams_mut().flat_map(|stream| &mut stream.segments) {
            if segment.indexed < segment.length {
                segment.save_index().ok();
            }
        }
    }
}

/// Shows what was written.
fn publish(catalog: &mut Catalog, name: &StreamName, addition: &Addition, written: &Written) {
    if addition.frames.is_empty() {
        return;
    }
    let stream = catalog.stream_mut(name);
    if written.new {
        stream.segments.push(Segment::new(Arc::clone(&written.path), written.start));
    }
    let segment = stream.segments.last_mut().expect("it was appended to, or is new");
    for (length, summary) in &addition.frames {
        if let Some(first_ms) = &mut stream.first_unexpired_ms {
            *first_ms = summary.span.first_ms.min(*first_ms);
        }
        block::extend(&mut segment.blocks, segment.length, *length, *summary);
        segment.length += length;
    }
    if segment.length - segment.indexed >= INDEX_EVERY_BYTES || segment.is_full() {
        // Only the next start is slower without it.
        segment.save_index().ok();
    }
}
