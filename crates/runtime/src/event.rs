//! What happened to a task's containers: an append-only history that the shim
//! writes to `events.jsonl` and sends to whoever is connected. A container's
//! present state is the fold of its events, so a reader that comes late (an
//! adopting daemon, or one whose shim was killed) sees the same as one that
//! was there.

use neargate_ids::Timestamp;
use serde::{Deserialize, Serialize};

/// One fact, in the order in which the shim saw them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub container: String,
    pub at: Timestamp,
    pub what: Happened,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// The process runs. `notes` tell what could not be given as asked, such
    /// as a ulimit above the machine's own.
    Started {
        pid: i32,
        notes: Vec<String>,
    },
    Exited(Exit),
    /// Nothing ran; `reason` is in runc's words, such as
    /// `exec: "foo": executable file not found in $PATH`.
    StartFailed {
        reason: String,
    },
}

/// How a container's first process ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The exit code; 128 + the signal when a signal ended it.
    pub code: i32,
    pub signal: Option<i32>,
    /// The kernel killed in this container for memory, and SIGKILL ended it.
    pub oom_killed: bool,
    pub finished_at: Timestamp,
    /// Its shim was killed, so that nobody saw the real code; `code` is 137.
    pub unseen: bool,
}

/// What a container is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainerState {
    Created,
    Running { pid: i32, started_at: Timestamp },
    Exited(Exit),
    StartFailed { reason: String },
}

impl ContainerState {
    /// The state of `container` after `events`.
    pub fn after(events: &[Event], container: &str) -> Self {
        let last = events.iter().rev().find(|event| event.container == container);
        match last.map(|event| (&event.what, event.at)) {
            None => ContainerState::Created,
            Some((Happened::Started { pid, .. }, at)) => {
                ContainerState::Running { pid: *pid, started_at: at }
            }
            Some((Happened::Exited(exit), _)) => ContainerState::Exited(exit.clone()),
            Some((Happened::StartFailed { reason }, _)) => {
                ContainerState::StartFailed { reason: reason.clone() }
            }
        }
    }

    /// Whether its process is there.
    pub fn is_running(&self) -> bool {
        matches!(self, ContainerState::Running { .. })
    }
}
