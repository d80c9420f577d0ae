//! The handle that others hold. Work on one instance is done one thing after
//! the other; instances don't wait for each other.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use nix::unistd::{User as SystemUser, geteuid};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::certificate;
use crate::error::PgError;
use crate::install::{Installation, find};
use crate::launch::User;
use crate::layout::Layout;
use crate::server::Hand;
use crate::spec::{Health, InstanceSpec, Running};

#[derive(Clone, Debug)]
pub struct Config {
    /// Of this Neargate alone; made if it is not there.
    pub root: PathBuf,
    /// Where the server's programs are, to use only those.
    pub bin: Option<PathBuf>,
    /// Who servers run as: `postgres`, else `nobody`, unless said here.
    pub user: Option<String>,
}

#[derive(Clone)]
pub struct Postgres {
    pub(crate) hand: Arc<Hand>,
    locks: Arc<Mutex<HashMap<String, Arc<Mutex<()>>>>>,
}

impl Postgres {
    /// Blocks for a few milliseconds: each installed version is asked for its
    /// name.
    pub fn new(config: Config) -> Result<Self, PgError> {
        let administrator = SystemUser::from_uid(geteuid()).ok().flatten();
        let hand = Hand {
            installed: find(config.bin.as_deref())?,
            user: User::choose(config.user.as_deref())?,
            layout: Layout::open(&config.root)?,
            administrators: administrator.map(|user| user.name).into_iter().collect(),
            machine_mib: machine_mib(),
            shared: Mutex::new(()),
        };
        Ok(Self { hand: Arc::new(hand), locks: Arc::default() })
    }

    /// Newest first.
    pub fn installed(&self) -> &[Installation] {
        &self.hand.installed
    }

    /// The authority that signs every server's certificate, in PEM: for clients
    /// that verify (`sslrootcert`).
    pub fn authority(&self) -> Result<String, PgError> {
        let _one = self.hand.share();
        certificate::authority(&self.hand.layout.ca())
    }

    /// Makes, starts or adopts a server, and returns when it accepts
    /// connections. Changed parameters are loaded into a server that runs; those
    /// that need a restart wait for [`Postgres::stop`] and the next `ensure`, as
    /// on RDS they wait for a reboot.
    pub async fn ensure(&self, spec: InstanceSpec) -> Result<Running, PgError> {
        let id = spec.id.clone();
        self.on(id, move |hand| hand.ensure(&spec)).await
    }

    /// Disconnects everybody and stops the server; harder if that takes longer
    /// than 30 s. Its data stay.
    pub async fn stop(&self, id: &str) -> Result<(), PgError> {
        let of = id.to_owned();
        self.on(id.to_owned(), move |hand| hand.stop(&of)).await
    }

    /// Stops every server that has data here, one after the other; returns how many ran.
    pub async fn stop_all(&self) -> Result<usize, PgError> {
        let mut stopped = 0;
        for id in self.instances()? {
            let of = id.clone();
            let ran = self.on(id, move |hand| hand.stop_if_running(&of)).await?;
            stopped += usize::from(ran);
        }
        Ok(stopped)
    }

    pub async fn set_master_password(
        &self,
        id: &str,
        username: &str,
        password: &str,
    ) -> Result<(), PgError> {
        let (of, username, password) = (id.to_owned(), username.to_owned(), password.to_owned());
        self.on(id.to_owned(), move |hand| hand.set_master_password(&of, &username, &password))
            .await
    }

    pub async fn health(&self, id: &str) -> Result<Health, PgError> {
        let of = id.to_owned();
        blocking(self.hand.clone(), move |hand| hand.health(&of)).await
    }

    /// Waits until the server ends, of itself or because it was stopped; at
    /// once if none runs.
    pub async fn ended(&self, id: &str) -> Result<(), PgError> {
        let Some(process) = self.hand.process(id)? else { return Ok(()) };
        let path = PathBuf::from(format!("/proc/{}", process.pid));
        let pidfd = process.into_pidfd();
        // SAFETY: the descriptor is owned by the AsyncFd from here on, so it stays
        // open, and the same, for as long as it is registered.
        let watched = unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) };
        let watched = watched.map_err(|e| PgError::io("watching", &path)(e.into()))?;
        watched.readable().await.map(drop).map_err(PgError::io("watching", &path))
    }

    /// Stops the server and removes its data, which `final_snapshot` keeps.
    pub async fn delete(&self, id: &str, final_snapshot: Option<&str>) -> Result<(), PgError> {
        let (of, kept) = (id.to_owned(), final_snapshot.map(str::to_owned));
        self.on(id.to_owned(), move |hand| hand.delete(&of, kept.as_deref())).await
    }

    /// Copies a running server's data while it serves.
    pub async fn take_snapshot(&self, id: &str, name: &str) -> Result<(), PgError> {
        let (of, name) = (id.to_owned(), name.to_owned());
        self.on(id.to_owned(), move |hand| hand.take_snapshot(&of, &name)).await
    }

    pub async fn delete_snapshot(&self, name: &str) -> Result<(), PgError> {
        let name = name.to_owned();
        blocking(self.hand.clone(), move |hand| hand.delete_snapshot(&name)).await
    }

    pub fn snapshots(&self) -> Result<Vec<String>, PgError> {
        self.hand.layout.snapshots()
    }

    /// All instances that have data on disk, to find those that nobody knows.
    pub fn instances(&self) -> Result<Vec<String>, PgError> {
        self.hand.layout.instances()
    }

    /// Runs SQL in database `postgres` as the superuser and returns the rows,
    /// a line each, columns separated by `|`.
    pub async fn sql(&self, id: &str, script: &str) -> Result<String, PgError> {
        let (of, script) = (id.to_owned(), script.to_owned());
        blocking(self.hand.clone(), move |hand| hand.sql(&of, &script)).await
    }

    async fn on<T: Send + 'static>(
        &self,
        id: String,
        work: impl FnOnce(&Hand) -> Result<T, PgError> + Send + 'static,
    ) -> Result<T, PgError> {
        let lock = self.lock_of(&id);
        blocking(self.hand.clone(), move |hand| {
            let _one = lock.lock().unwrap_or_else(PoisonError::into_inner);
            work(hand)
        })
        .await
    }

    fn lock_of(&self, id: &str) -> Arc<Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.entry(id.to_owned()).or_default().clone()
    }
}

async fn blocking<T: Send + 'static>(
    hand: Arc<Hand>,
    work: impl FnOnce(&Hand) -> Result<T, PgError> + Send + 'static,
) -> Result<T, PgError> {
    match tokio::task::spawn_blocking(move || work(&hand)).await {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// Of the whole machine; all that PostgreSQL could ask for if it is not told.
fn machine_mib() -> u32 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.map_or(u32::MAX, |kib| u32::try_from(kib / 1024).unwrap_or(u32::MAX))
}
