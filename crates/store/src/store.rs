//! The handle that everything else holds: reads without waiting, writes that
//! answer when they are on disk, and a signal when something changed.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use tokio::sync::{oneshot, watch};

use crate::durable::Durable;
use crate::error::{OpenError, StoreError};
use crate::record::{Record, Tables};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::transaction::Tx;
use crate::writer::{Job, Write, Writer};

/// The store. Clones are handles to the same one; when the last is dropped,
/// the writes that wait are made and the file is released.
#[derive(Clone)]
pub struct Store {
    published: Arc<Published>,
    hand: Arc<Hand>,
}

/// What readers see.
pub(crate) struct Published {
    state: ArcSwap<State>,
    version: watch::Sender<u64>,
    /// The version of each table.
    tables: Vec<watch::Sender<u64>>,
    commits: AtomicU64,
}

/// Who applies the writes.
enum Hand {
    /// A store on disk: a thread of its own, since commits block.
    /// Both are there until this is dropped.
    Thread { jobs: Option<Sender<Box<dyn Job>>>, thread: Option<JoinHandle<()>> },
    /// A store in memory: the caller itself, at once. A simulation on a paused
    /// clock must never wait for another thread.
    Caller(Mutex<Writer>),
}

impl Store {
    /// Opens the store's file at `path`, which is made when it is not there
    /// (its directory is not).
    pub fn open(path: &Path, tables: Tables) -> Result<Store, OpenError> {
        Store::start(Durable::open(path, tables)?)
    }

    /// A store over whatever `opener` opens: lets tests put faults under it.
    #[cfg(test)]
    pub(crate) fn open_with(
        opener: crate::durable::Opener,
        tables: Tables,
    ) -> Result<Store, OpenError> {
        Store::start(Durable::open_with(Path::new("store"), opener, tables)?)
    }

    /// The same store without a file. Writes are applied on the caller's own
    /// thread, before `write` first waits.
    pub fn in_memory(tables: Tables) -> Store {
        let state = Arc::new(State::empty(tables));
        let published = Published::new(Arc::clone(&state));
        let writer = Writer::new(state, None, Arc::clone(&published));
        Store { published, hand: Arc::new(Hand::Caller(Mutex::new(writer))) }
    }

    /// A store in memory that begins with what `snapshot` holds, for simulations, which make
    /// thousands of them: records are never turned into bytes, so that one that is written
    /// as it was before counts as a change, and one that does not read back is not found.
    pub fn simulated(snapshot: &Snapshot) -> Store {
        let state = Arc::clone(&snapshot.state);
        let published = Published::new(Arc::clone(&state));
        let writer = Writer::simulated(state, Arc::clone(&published));
        Store { published, hand: Arc::new(Hand::Caller(Mutex::new(writer))) }
    }

    fn start((durable, state): (Durable, State)) -> Result<Store, OpenError> {
        let state = Arc::new(state);
        let published = Published::new(Arc::clone(&state));
        let writer = Writer::new(state, Some(durable), Arc::clone(&published));
        let (jobs, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.serve(&waiting))
            .map_err(OpenError::Thread)?;
        let hand = Hand::Thread { jobs: Some(jobs), thread: Some(thread) };
        Ok(Store { published, hand: Arc::new(hand) })
    }

    /// The state as of the last commit.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { state: self.published.state.load_full() }
    }

    /// Runs `f` as one transaction, and answers when what it wrote is on disk
    /// and in [`snapshot`](Self::snapshot).
    ///
    /// `f` runs on the writer's thread, after and before all other writes: it
    /// must not block. When it returns `Err` or panics, nothing of it is kept,
    /// and other transactions are not affected. Dropping the future does not
    /// take the write back.
    pub async fn write<T, E>(
        &self,
        f: impl FnOnce(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.hand.take(Box::new(Write::new(f, reply)));
        answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Runs `f` as one transaction before it returns: of a store in memory, for those who
    /// have nobody to wait with. A panic of `f` is its caller's, and undoes what it wrote.
    ///
    /// # Panics
    /// On a store with a file, where a write waits for the disk.
    pub fn write_now<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        match &*self.hand {
            Hand::Caller(writer) => {
                writer.lock().unwrap_or_else(PoisonError::into_inner).apply_now(f)
            }
            Hand::Thread { .. } => panic!("a store with a file is written to with `write`"),
        }
    }

    /// A signal for every change from now on.
    pub fn changes(&self) -> Changes {
        Changes { version: self.published.version.subscribe() }
    }

    /// A signal for the changes of `R`'s table alone: for those who are many, and wait for
    /// one record each.
    pub fn changes_in<R: Record>(&self) -> Changes {
        let index = self.published.state.load().schema.index_of::<R>();
        Changes { version: self.published.tables[index].subscribe() }
    }

    /// How many commits were made since the store was opened: with more
    /// writers than disk, fewer than writes.
    pub fn commits(&self) -> u64 {
        self.published.commits.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.snapshot()).finish()
    }
}

impl Published {
    fn new(state: Arc<State>) -> Arc<Self> {
        let version = watch::Sender::new(state.version);
        let tables = state.tables.iter().map(|table| watch::Sender::new(table.version)).collect();
        Arc::new(Published {
            state: ArcSwap::new(state),
            version,
            tables,
            commits: AtomicU64::new(0),
        })
    }

    pub fn publish(&self, state: Arc<State>) {
        let before = self.state.swap(Arc::clone(&state));
        self.version.send_replace(state.version);
        let versions = before.tables.iter().zip(&state.tables);
        for (signal, (old, new)) in self.tables.iter().zip(versions) {
            if old.version != new.version {
                signal.send_replace(new.version);
            }
        }
    }

    pub fn count_commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }
}

impl Hand {
    fn take(&self, job: Box<dyn Job>) {
        match self {
            Hand::Thread { jobs, .. } => {
                // A job that is not taken drops its way back, which the
                // caller sees as `StoreError::Closed`.
                if let Some(jobs) = jobs {
                    jobs.send(job).ok();
                }
            }
            Hand::Caller(writer) => {
                writer.lock().unwrap_or_else(PoisonError::into_inner).apply(vec![job]);
            }
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let Hand::Thread { jobs, thread } = self else { return };
        drop(jobs.take());
        let Some(thread) = thread.take() else { return };
        // The last handle may have been inside a closure: then this is the
        // writer itself, which ends by itself.
        if thread.thread().id() != std::thread::current().id() {
            thread.join().ok();
        }
    }
}

/// Wakes its holder when the store has moved on. Changes in quick succession
/// may wake it once: read a new snapshot after each.
#[derive(Clone, Debug)]
pub struct Changes {
    version: watch::Receiver<u64>,
}

impl Changes {
    /// Waits for a version that this watcher has not been woken for, and gives
    /// it. After the store's last handle is gone it waits for ever.
    pub async fn changed(&mut self) -> u64 {
        if self.version.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        *self.version.borrow_and_update()
    }
}
