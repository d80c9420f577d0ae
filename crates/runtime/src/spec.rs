//! What a task is, as plain data: the runtime's only input.
//!
//! The control plane resolves everything that needs knowledge of AWS (image
//! configuration, overrides, secrets, defaults of Fargate) and hands over
//! these values; the shim reads them from the task's directory. Nothing here
//! acts, and nothing here is checked but names and shapes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Error, signal};

/// One task: containers that share a network namespace and a parent cgroup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Unique under the runtime's directory; a file name (letters, digits, `_`, `-`, `.`).
    pub id: String,
    /// Path of the network namespace, as `/run/netns/…`; `None` gives each
    /// container an empty namespace of its own.
    #[serde(default)]
    pub netns: Option<PathBuf>,
    /// Limits of all the task's containers together.
    #[serde(default)]
    pub limits: Limits,
    pub containers: Vec<ContainerSpec>,
}

/// Limits of a cgroup; `None` sets none. Swap is never given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Weight against siblings, in ECS CPU units (1024 = one vCPU).
    pub cpu_shares: Option<u64>,
    /// Hard ceiling, in ECS CPU units (256 = a quarter of a vCPU).
    pub cpu_quota: Option<u64>,
    /// Hard limit in bytes; the kernel kills above it.
    pub memory: Option<u64>,
    /// Soft limit in bytes, protected when the machine runs short.
    pub memory_reservation: Option<u64>,
    /// Most processes and threads.
    pub pids: Option<u64>,
}

/// One container of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerSpec {
    /// ECS's container name: letters, digits, `_` and `-`.
    pub name: String,
    /// Unpacked layer directories, the base first as in an image's manifest.
    pub layers: Vec<PathBuf>,
    pub readonly_root: bool,
    /// Entry point and command together; never empty.
    pub argv: Vec<String>,
    /// In order; a later entry of the same name wins. `PATH` and `HOME` are added when absent.
    pub env: Vec<(String, String)>,
    pub cwd: String,
    /// `uid`, `uid:gid`, `name` or `name:group`, resolved in the image's own
    /// `/etc/passwd` and `/etc/group`; empty is root.
    pub user: String,
    /// Added to Docker's default set, with or without `CAP_`; `ALL` is all.
    pub cap_add: Vec<String>,
    /// Taken from Docker's default set; `ALL` is all. Additions win.
    pub cap_drop: Vec<String>,
    pub no_new_privileges: bool,
    pub ulimits: Vec<Ulimit>,
    /// Run a small init as process 1, which forwards signals and reaps.
    pub init: bool,
    pub limits: Limits,
    pub mounts: Vec<Mount>,
    /// Size of `/dev/shm` in bytes.
    pub shm_size: u64,
    pub sysctls: BTreeMap<String, String>,
    pub hostname: Option<String>,
    /// Contents of `/etc/hosts`; `None` leaves the image's.
    pub hosts: Option<String>,
    /// Contents of `/etc/resolv.conf`; `None` leaves the image's.
    pub resolv_conf: Option<String>,
    /// `SIGTERM`, `TERM` or `15`.
    pub stop_signal: String,
    /// From the stop signal to SIGKILL.
    pub stop_timeout_ms: u64,
}

impl Default for ContainerSpec {
    fn default() -> Self {
        ContainerSpec {
            name: String::new(),
            layers: Vec::new(),
            readonly_root: false,
            argv: Vec::new(),
            env: Vec::new(),
            cwd: "/".into(),
            user: String::new(),
            cap_add: Vec::new(),
            cap_drop: Vec::new(),
            no_new_privileges: false,
            ulimits: Vec::new(),
            init: false,
            limits: Limits::default(),
            mounts: Vec::new(),
            shm_size: 64 << 20,
            sysctls: BTreeMap::new(),
            hostname: None,
            hosts: None,
            resolv_conf: None,
            stop_signal: "SIGTERM".into(),
            stop_timeout_ms: 30_000,
        }
    }
}

/// A resource limit by ECS's name (`nofile`, `core`, …), in setrlimit's units;
/// -1 is unlimited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ulimit {
    pub name: String,
    pub soft: i64,
    pub hard: i64,
}

/// What a container sees at a path beside its root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mount {
    /// A directory of the task that its containers share. On first use it
    /// takes owner, mode and content from the image's directory at `destination`.
    Volume { volume: String, destination: String, read_only: bool },
    /// A file or directory of the machine.
    Bind { source: PathBuf, destination: String, read_only: bool },
    /// Memory. `size` in bytes; `options` are mount(8) options such as `noexec`.
    Tmpfs { destination: String, size: u64, options: Vec<String> },
}

impl Mount {
    /// The absolute path in the container.
    pub fn destination(&self) -> &str {
        match self {
            Mount::Volume { destination, .. }
            | Mount::Bind { destination, .. }
            | Mount::Tmpfs { destination, .. } => destination,
        }
    }
}

impl TaskSpec {
    /// Refuses what could not be run as written.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_name("task id", &self.id)?;
        let mut names = std::collections::BTreeSet::new();
        for container in &self.containers {
            container.check()?;
            if !names.insert(&container.name) {
                return Err(Error::Invalid(format!("two containers named {:?}", container.name)));
            }
        }
        Ok(())
    }
}

impl ContainerSpec {
    fn check(&self) -> Result<(), Error> {
        check_name("container name", &self.name)?;
        let invalid =
            |what: String| Err(Error::Invalid(format!("container {:?}: {what}", self.name)));
        if self.layers.is_empty() {
            return invalid("no layers".into());
        }
        if self.argv.is_empty() {
            return invalid("no command specified".into());
        }
        if !self.cwd.starts_with('/') {
            return invalid(format!("working directory {:?} is not absolute", self.cwd));
        }
        if signal::parse(&self.stop_signal).is_none() {
            return invalid(format!("unknown stop signal {:?}", self.stop_signal));
        }
        let texts = self.argv.iter().chain(self.env.iter().flat_map(|(name, value)| [name, value]));
        for text in texts {
            if text.contains('\0') {
                return invalid("a NUL byte in the command or the environment".into());
            }
        }
        for mount in &self.mounts {
            let destination = mount.destination();
            if !destination.starts_with('/') || destination.split('/').any(|part| part == "..") {
                return invalid(format!(
                    "mount point {destination:?} is not a plain absolute path"
                ));
            }
            if let Mount::Volume { volume, .. } = mount {
                check_name("volume name", volume)?;
            }
        }
        for ulimit in &self.ulimits {
            crate::oci::rlimit_name(&ulimit.name)
                .ok_or_else(|| Error::Invalid(format!("unknown ulimit {:?}", ulimit.name)))?;
        }
        crate::capability::resolve(&self.cap_add, &self.cap_drop).map(drop).map_err(Error::Invalid)
    }
}

/// A name that is safe as one component of a path.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.len() > 255 || name.starts_with('.') || !name.chars().all(plain) {
        return Err(Error::Invalid(format!("{what} {name:?} is not a plain name")));
    }
    Ok(())
}
