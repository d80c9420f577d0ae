//! Containers of ECS tasks, without Docker: a *hand*, which does what it is
//! told and reports what it sees. It knows no policy and nothing of AWS but
//! words; `reconcile` decides what starts, stops and is deleted.
//!
//! ```text
//!  daemon ── unix socket (lines of JSON) ── shim ─┬─ container "app"   (own pid, mount, ipc, uts
//!  [`Runtime`]                              │     └─ container "proxy"  namespaces; the task's
//!    [`Task`] ── [`Events`], [`logs::Tail`] │                           network namespace)
//!                                           └ one process for each task; outlives the daemon
//!
//!  <dir>/<task>/task.json        what was asked         written by the daemon
//!               shim.json        the shim's process     written by the shim, as all below
//!               shim.sock        where a later daemon connects
//!               shim.log         what went wrong in the shim
//!               events.jsonl     what happened, in order
//!               logs/<container>/<offset>.log     what was printed
//!               volumes/<name>/                   shared by the containers
//!               containers/<name>/{upper,work,rootfs,bundle,oci,…}
//!  /sys/fs/cgroup/…/<cgroup_prefix>/<task>/<container>/{init,exec-1}
//! ```
//!
//! The overlays are mounted in the shim's own mount namespace, and containers
//! get SIGKILL when their shim dies: a dead shim leaves only directories and
//! control groups, which [`Task::delete`] or [`Runtime::remove_orphans`] takes away.
//!
//! ```no_run
//! # async fn example() -> Result<(), neargate_runtime::Error> {
//! use neargate_runtime::{Config, ContainerSpec, Runtime, TaskSpec};
//!
//! let shim = vec!["/proc/self/exe".into(), "shim".into()];
//! let runtime = Runtime::new(Config::new("/var/lib/neargate/tasks", shim, "neargate-1a2b"))?;
//! let app = ContainerSpec {
//!     name: "app".into(),
//!     layers: vec!["/var/lib/neargate/layers/sha256-…".into()],
//!     argv: vec!["python".into(), "app.py".into()],
//!     ..ContainerSpec::default()
//! };
//! let spec = TaskSpec { id: "0123abcd".into(), containers: vec![app], ..TaskSpec::default() };
//! let task = runtime.launch(spec).await?;
//! let mut events = task.events();
//! task.start_container("app").await?;
//! while let Some(event) = events.next().await {
//!     println!("{}: {:?}", event.container, event.what);
//! }
//! task.delete().await?;
//! # Ok(()) }
//! ```

mod capability;
mod cgroup;
mod charter;
mod event;
pub mod logs;
mod oci;
mod orphans;
mod protocol;
mod remove;
mod runtime;
pub mod shim;
pub mod signal;
mod spec;
mod stats;
mod task;

pub use capability::DEFAULT as DEFAULT_CAPABILITIES;
pub use event::{ContainerState, Event, Exit, Happened};
pub use orphans::Orphan;
pub use runtime::{Adopted, Config, Runtime};
pub use spec::{ContainerSpec, Limits, Mount, TaskSpec, Ulimit};
pub use stats::{ContainerStats, NetworkStats, StorageStats, TaskStats, Usage};
pub use task::{Events, ExecOutcome, ExecSpec, Task, Terminal};

/// Why the runtime did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The spec can't be run as written.
    #[error("{0}")]
    Invalid(String),
    #[error("task {0} exists")]
    Exists(String),
    /// The container did not start; the reason is in runc's words.
    #[error("{reason}")]
    StartFailed { container: String, reason: String },
    /// The shim would not: no such container, or it is not running.
    #[error("container {container}: {reason}")]
    Refused { container: String, reason: String },
    /// The task's shim is not there (any more).
    #[error("task {0} has no shim")]
    NoShim(String),
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
}

impl Error {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Error {
        let what = what.into();
        move |source| Error::Io { what, source }
    }
}
