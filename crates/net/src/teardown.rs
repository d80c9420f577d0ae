//! Takes interfaces and routers apart in the background: the kernel needs tens
//! of milliseconds for each, and nobody should wait for them.
//!
//! By the time something comes here, it is out of every table: its packets are
//! dropped already. Who needs the same name again waits for its end first.

use std::collections::BTreeSet;
use std::path::PathBuf;

use tokio::sync::{mpsc, watch};

use crate::eni;
use crate::error::NetError;
use crate::namespace::{Home, unpin};
use crate::netlink::Netlink;

pub(crate) enum Job {
    Eni { path: PathBuf },
    Vpc { path: PathBuf, uplink: String },
}

/// Handle to the thread. The thread ends when all handles are gone and its
/// work is done.
#[derive(Clone)]
pub(crate) struct Teardown {
    jobs: mpsc::UnboundedSender<Job>,
    pending: watch::Sender<BTreeSet<PathBuf>>,
}

impl Job {
    fn path(&self) -> &PathBuf {
        match self {
            Self::Eni { path } | Self::Vpc { path, .. } => path,
        }
    }
}

impl Teardown {
    pub fn start(home: Home) -> Result<Self, NetError> {
        let (jobs, inbox) = mpsc::unbounded_channel();
        let pending = watch::Sender::new(BTreeSet::new());
        let done = pending.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .map_err(|e| NetError::io("starting the teardown thread", e))?;
        std::thread::Builder::new()
            .name("net-teardown".into())
            .spawn(move || runtime.block_on(work(inbox, done, home)))
            .map_err(|e| NetError::io("starting the teardown thread", e))?;
        Ok(Self { jobs, pending })
    }

    pub fn push(&self, job: Job) -> Result<(), NetError> {
        let path = job.path().clone();
        self.pending.send_modify(|pending| {
            pending.insert(path);
        });
        self.jobs.send(job).map_err(|_| NetError::Stopped)
    }

    /// Until nothing is left to take apart.
    pub async fn quiesce(&self) {
        self.wait(BTreeSet::is_empty).await;
    }

    /// Until this one is gone.
    pub async fn gone(&self, path: &PathBuf) {
        self.wait(|pending| !pending.contains(path)).await;
    }

    async fn wait(&self, until: impl FnMut(&BTreeSet<PathBuf>) -> bool) {
        self.pending.subscribe().wait_for(until).await.expect("this handle holds a sender");
    }
}

async fn work(
    mut inbox: mpsc::UnboundedReceiver<Job>,
    pending: watch::Sender<BTreeSet<PathBuf>>,
    home: Home,
) {
    while let Some(job) = inbox.recv().await {
        if let Err(error) = take_apart(&job, &home).await {
            // The pin stays, so that `orphans` shows it at the next start.
            tracing::warn!(path = %job.path().display(), %error, "a namespace could not be removed");
        }
        pending.send_modify(|pending| {
            pending.remove(job.path());
        });
    }
}

async fn take_apart(job: &Job, home: &Home) -> Result<(), NetError> {
    match job {
        Job::Eni { path } => {
            eni::remove_link(path, home).await?;
            unpin(path)
        }
        Job::Vpc { path, uplink } => {
            Netlink::here()?.delete_link(uplink).await?;
            unpin(path)
        }
    }
}
