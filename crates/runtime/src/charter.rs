//! What the daemon leaves in a task's directory for its shim and for later
//! daemons, and what the shim leaves for them: who it is.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::spec::TaskSpec;

/// `task.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Charter {
    pub spec: TaskSpec,
    /// The task's control group, relative to the hierarchies' roots.
    pub cgroup: String,
    /// Under which boot of the machine it was launched.
    pub boot: String,
}

/// `shim.json`: a process, told from a later one with the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShimProcess {
    pub pid: i32,
    pub started: u64,
}

impl Charter {
    pub fn read(dir: &Path) -> io::Result<Self> {
        read_json(&dir.join("task.json"))
    }

    pub fn write(&self, dir: &Path) -> io::Result<()> {
        write_json(&dir.join("task.json"), self)
    }
}

impl ShimProcess {
    /// This very process.
    pub fn own() -> io::Result<Self> {
        Self::of(std::process::id() as i32)
    }

    pub fn of(pid: i32) -> io::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name in parentheses may hold anything; field 22 is the start.
        let after_name = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let started = after_name.split_whitespace().nth(19).and_then(|field| field.parse().ok());
        let started = started.ok_or_else(|| io::Error::other("unreadable /proc/<pid>/stat"))?;
        Ok(ShimProcess { pid, started })
    }

    pub fn read(dir: &Path) -> io::Result<Self> {
        read_json(&dir.join("shim.json"))
    }

    pub fn write(&self, dir: &Path) -> io::Result<()> {
        write_json(&dir.join("shim.json"), self)
    }

    /// Whether the process is there and not a zombie.
    pub fn is_alive(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let is_zombie = stat.rsplit_once(')').is_some_and(|(_, rest)| rest.starts_with(" Z"));
        !is_zombie && Self::of(self.pid).is_ok_and(|found| found == *self)
    }
}

/// The machine's boot id.
pub(crate) fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let partial = path.with_extension("partial");
    fs::write(&partial, serde_json::to_vec(value)?)?;
    fs::rename(partial, path)
}
