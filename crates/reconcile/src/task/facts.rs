//! A task's record, read and changed by its story: each change is one fact.

use std::sync::Arc;

use neargate_api::model::ecs::{Service, StopCode, Task, TaskDefinition, TaskStatus};
use neargate_api::{StoreError, Timestamp, Tx};

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

    /// Moves the task to a later state.
    pub async fn advance(&self, to: TaskStatus) -> Result<(), StoreError> {
        let now = self.now();
        let moved = self
            .write(move |tx, key| {
                let mut refused = None;
                tx.update::<Task>(key, |task| refused = task.advance(to, now).err());
                refused
            })
            .await?;
        if let Some(refused) = moved {
            tracing::error!(%refused, "a task was to go back");
        }
        Ok(())
    }

    /// Asks the task to stop, as its own story found it has to.
    pub async fn request_stop(&self, code: StopCode, reason: String) -> Result<(), StoreError> {
        self.update(move |task, now| task.request_stop(code, reason, now)).await.map(drop)
    }

    /// Resolves once the task was asked to stop or is forgotten.
    pub async fn stop_requested(&self) {
        let mut changes = self.hands.cloud.store.changes_in::<Task>();
        while self.task().is_some_and(|task| task.stop.is_none()) {
            changes.changed().await;
        }
    }

    /// An event of the task's service, in the transaction of the fact that it tells.
    pub fn tell(&self, tx: &mut Tx, task: &Task, what: &str) {
        let Some(name) = &task.service else { return };
        let key = Service::key_of(&task.region, &task.cluster, name);
        let (id, now) = (self.hands.cloud.rng.uuid(), self.now());
        tx.update::<Service>(&key, |service| service.tell(id, now, what));
    }

    /// The same of the task's deployment, which such events call a task set.
    pub fn tell_of_set(&self, tx: &mut Tx, task: &Task, what: &str) {
        let (Some(name), Some(set)) = (&task.service, &task.deployment) else { return };
        let key = Service::key_of(&task.region, &task.cluster, name);
        let (id, now) = (self.hands.cloud.rng.uuid(), self.now());
        tx.update::<Service>(&key, |service| service.tell_of(set, id, now, what));
    }
}
