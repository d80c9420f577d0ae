//! The one writer: takes whatever transactions wait, applies them one after the
//! other, makes all of them last with one commit, shows the result, and then
//! answers. While one commit is under way the next batch gathers, so that a
//! busy store pays one fsync for many transactions, and an idle one no delay.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use tokio::sync::oneshot;

use crate::durable::Durable;
use crate::error::StoreError;
use crate::state::State;
use crate::store::Published;
use crate::transaction::{Change, Place, Tx};

/// The most transactions that share a commit: bounds what waits behind the
/// first of them.
const BATCH: usize = 1024;

/// A transaction that waits for the writer, whatever its types.
pub(crate) trait Job: Send {
    /// Runs the closure. `true` when its writes are to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Replaces the closure's outcome.
    fn fail(&mut self, error: StoreError);
    /// Tells the caller.
    fn answer(self: Box<Self>);
}

/// A caller's closure, then its outcome, and the way back to the caller.
pub(crate) struct Write<F, T, E> {
    closure: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Write<F, T, E> {
    pub fn new(closure: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Write { closure: Some(closure), outcome: None, reply }
    }
}

impl<F, T, E> Job for Write<F, T, E>
where
    F: FnOnce(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let Some(closure) = self.closure.take() else { return false };
        // The transaction is undone after a panic, so that nothing half-done
        // is seen through it.
        let outcome = catch_unwind(AssertUnwindSafe(|| closure(tx)))
            .unwrap_or_else(|panic| Err(StoreError::Panicked(message(&*panic)).into()));
        let kept = outcome.is_ok();
        self.outcome = Some(outcome);
        kept
    }

    fn fail(&mut self, error: StoreError) {
        self.outcome = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // A caller that no longer listens has nothing to be told.
            self.reply.send(outcome).ok();
        }
    }
}

/// Applies, commits and publishes.
pub(crate) struct Writer {
    state: Arc<State>,
    /// Absent for a store in memory.
    durable: Option<Durable>,
    published: Arc<Published>,
}

impl Writer {
    pub fn new(state: Arc<State>, durable: Option<Durable>, published: Arc<Published>) -> Self {
        Writer { state, durable, published }
    }

    /// Serves until every sender is gone.
    pub fn serve(mut self, jobs: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = jobs.recv() {
            let mut batch = vec![first];
            batch.extend(jobs.try_iter().take(BATCH - 1));
            self.apply(batch);
        }
    }

    /// One batch, from closures to answers.
    pub fn apply(&mut self, mut batch: Vec<Box<dyn Job>>) {
        let mut changes = BTreeMap::new();
        let mut tx = Tx::begin(Arc::clone(&self.state));
        for job in &mut batch {
            apply_one(job.as_mut(), &mut tx, &mut changes);
        }
        if !changes.is_empty() {
            let state = tx.into_state();
            match self.commit(&state, &changes) {
                Ok(()) => {
                    self.state = Arc::clone(&state);
                    self.published.publish(state);
                }
                // Also those whose closure refused: they may have refused
                // because of what another of the batch wrote.
                Err(error) => batch.iter_mut().for_each(|job| job.fail(error.clone())),
            }
        }
        for job in batch {
            job.answer();
        }
    }

    fn commit(
        &mut self,
        state: &State,
        changes: &BTreeMap<Place, Change>,
    ) -> Result<(), StoreError> {
        if let Some(durable) = &mut self.durable {
            durable
                .commit(&self.state, state, changes)
                .map_err(|error| StoreError::Commit(error.to_string()))?;
        }
        self.published.count_commit();
        Ok(())
    }
}

fn apply_one(job: &mut dyn Job, tx: &mut Tx, changes: &mut BTreeMap<Place, Change>) {
    if !job.run(tx) {
        tx.undo();
        return;
    }
    // A record's own `Serialize` is foreign code too.
    let kept = catch_unwind(AssertUnwindSafe(|| tx.keep(changes)))
        .unwrap_or_else(|panic| Err(StoreError::Panicked(message(&*panic))));
    if let Err(error) = kept {
        tx.undo();
        job.fail(error);
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        return (*text).to_owned();
    }
    panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic without a message".into())
}
