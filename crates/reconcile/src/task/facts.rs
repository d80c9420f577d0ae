//! A task's record, read and changed by its story: each change is one fact.

use std::sync::Arc;

use neargate_api::model::ecs::{Refused, StopCode, Task, TaskDefinition};
use neargate_api::{StoreError, Timestamp, Tx};

use super::changes::Change;
use crate::hands::Hands;

/// The story's hold on its task.
#[derive(Clone)]
pub struct Facts {
    pub hands: Arc<Hands>,
    pub key: String,
}

/// Why a start does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// It failed, for this reason.
    Failed(String),
    /// It had started, and nothing of it is left: so this reason says.
    Lost(String),
    /// It was asked to stop meanwhile.
    Stopped,
    /// The store would not take a fact; the story ends and is begun again.
    Store(String),
}

impl From<StoreError> for NotStarted {
    fn from(error: StoreError) -> Self {
        NotStarted::Store(error.to_string())
    }
}

impl Facts {
    /// The task as it is now; `None` once it is forgotten.
    pub fn task(&self) -> Option<Arc<Task>> {
        self.hands.cloud.store.snapshot().get::<Task>(&self.key)
    }

    /// What the task is made of; `None` once either is forgotten.
    pub fn definition(&self) -> Option<Arc<TaskDefinition>> {
        let task = self.task()?;
        let key = TaskDefinition::key_in(&task.region, &task.task_definition_arn)?;
        self.hands.cloud.store.snapshot().get::<TaskDefinition>(&key)
    }

    pub fn now(&self) -> Timestamp {
        self.hands.cloud.clock.now()
    }

    /// Changes the record.
    pub async fn update(
        &self,
        change: impl FnOnce(&mut Task, Timestamp) + Send + 'static,
    ) -> Result<Option<Arc<Task>>, StoreError> {
        let now = self.now();
        self.write(move |tx, key| tx.update::<Task>(key, |task| change(task, now))).await
    }

    /// Changes the record and what belongs to it.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Tx, &str) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let key = self.key.clone();
        self.hands.cloud.store.write(move |tx| Ok(change(tx, &key))).await
    }

    /// Makes one of the changes that a story is written with.
    pub async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Change<'_>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (rng, now) = (self.hands.cloud.rng.clone(), self.now());
        self.write(move |tx, key| change(&mut Change { tx, key, rng: &rng, now })).await
    }

    /// Makes one that moves the task to a later state.
    pub async fn advance(
        &self,
        change: impl FnOnce(&mut Change<'_>) -> Result<(), Refused> + Send + 'static,
    ) -> Result<(), StoreError> {
        if let Err(refused) = self.change(change).await? {
            tracing::error!(%refused, "a task was to go back");
        }
        Ok(())
    }

    /// Asks the task to stop, as its own story found it has to.
    pub async fn request_stop(&self, code: StopCode, reason: String) -> Result<(), StoreError> {
        self.change(move |change| change.request_stop(code, &reason)).await
    }

    /// Resolves once the task was asked to stop or is forgotten.
    pub async fn stop_requested(&self) {
        let mut changes = self.hands.cloud.store.changes_in::<Task>();
        while self.task().is_some_and(|task| task.stop.is_none()) {
            changes.changed().await;
        }
    }
}
