//! What the loops work with.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use neargate_api::{AwsError, Caller, Cloud, Ctx, Services};
use neargate_blobs::Digest;
use neargate_images::Unpacker;
use neargate_loglines::LogLines;
use neargate_runtime::Runtime;
use tokio::sync::watch;

use crate::networks::Attached;
use crate::progress::Progress;

/// An image that is in our blob store.
#[derive(Clone, Debug)]
pub struct PulledImage {
    /// Of its manifest or index.
    pub digest: Digest,
}

/// What a private registry asks for.
#[derive(Clone)]
pub struct RegistryCredentials {
    pub username: String,
    pub password: String,
}

/// Where objects of S3 come from.
pub trait ObjectSource: Send + Sync {
    /// An object's bytes, with the rights of `ctx.caller`.
    fn read(
        &self,
        ctx: Ctx,
        bucket: String,
        key: String,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, AwsError>> + Send + '_>>;
}

/// Where images come from: our own repositories, or registries elsewhere.
pub trait ImageSource: Send + Sync {
    /// Makes sure of an image, with the rights of `ctx.caller` (a task's execution
    /// role). The error is a stopped reason as AWS words it.
    fn pull(
        &self,
        ctx: Ctx,
        image: String,
        credentials: Option<RegistryCredentials>,
    ) -> Pin<Box<dyn Future<Output = Result<PulledImage, String>> + Send + '_>>;
}

/// The tasks whose containers run now, by their ids: for whoever wants to look at them.
#[derive(Clone, Default)]
pub struct Running {
    tasks: Arc<Mutex<HashMap<String, neargate_runtime::Task>>>,
}

impl Running {
    fn tasks(&self) -> MutexGuard<'_, HashMap<String, neargate_runtime::Task>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, task_id: &str) -> Option<neargate_runtime::Task> {
        self.tasks().get(task_id).cloned()
    }

    pub(crate) fn insert(&self, task: &neargate_runtime::Task) {
        self.tasks().insert(task.id().to_owned(), task.clone());
    }

    pub(crate) fn remove(&self, task_id: &str) {
        self.tasks().remove(task_id);
    }
}

/// Everything that a loop may touch.
pub struct Hands {
    pub cloud: Arc<Cloud>,
    pub services: Arc<Services>,
    pub runtime: Runtime,
    pub unpacker: Unpacker,
    pub images: Arc<dyn ImageSource>,
    pub objects: Arc<dyn ObjectSource>,
    pub lines: LogLines,
    pub attached: watch::Receiver<Arc<Attached>>,
    pub running: Running,
    pub progress: Progress,
}

impl Hands {
    /// The context of a call from inside, as `caller`.
    pub fn ctx(&self, region: &str, caller: Caller) -> Ctx {
        Ctx {
            cloud: self.cloud.clone(),
            caller,
            region: region.to_owned(),
            request_id: self.cloud.rng.uuid(),
            now: self.cloud.clock.now(),
        }
    }
}
