//! A container in the OCI runtime specification's JSON, computed from its
//! spec: pure, so that what the kernel is asked for can be read in a test.

use serde_json::{Value, json};

use crate::capability;
use crate::spec::{ContainerSpec, Mount, TaskSpec, Ulimit};

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const MASKED: [&str; 11] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
];
const READ_ONLY: [&str; 5] =
    ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Who a process runs as, resolved in the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct User {
    pub uid: u32,
    pub gid: u32,
    pub groups: Vec<u32>,
    pub home: String,
}

/// What the shim has prepared for a container.
pub(crate) struct Prepared {
    pub rootfs: String,
    pub cgroup: String,
    /// Directories of its groups, and where the container sees them.
    pub cgroup_views: Vec<(String, String)>,
    pub user: User,
    /// Sources by destination, of volumes, binds and the files of `/etc`, in order.
    pub binds: Vec<Bind>,
    /// The most that RLIMIT_NOFILE and the like may be raised to: without
    /// CAP_SYS_RESOURCE the machine's own hard limit.
    pub ceiling: fn(&str) -> u64,
}

pub(crate) struct Bind {
    pub source: String,
    pub destination: String,
    pub read_only: bool,
}

/// `config.json`, and what could not be given as asked.
pub(crate) fn bundle(
    task: &TaskSpec,
    container: &ContainerSpec,
    prepared: &Prepared,
) -> (Value, Vec<String>) {
    let (process, notes) = process(container, prepared);
    let mut network = json!({ "type": "network" });
    if let Some(path) = &task.netns {
        network["path"] = json!(path);
    }
    let bundle = json!({
        "ociVersion": "1.2.0",
        "process": process,
        "root": { "path": prepared.rootfs, "readonly": container.readonly_root },
        "hostname": container.hostname,
        "mounts": mounts(container, prepared),
        "linux": {
            "cgroupsPath": prepared.cgroup,
            "namespaces": [
                { "type": "pid" }, { "type": "mount" }, { "type": "ipc" },
                { "type": "uts" }, { "type": "cgroup" }, network,
            ],
            "sysctl": container.sysctls,
            "maskedPaths": MASKED,
            "readonlyPaths": READ_ONLY,
        },
    });
    (bundle, notes)
}

/// The `process` of a bundle.
fn process(container: &ContainerSpec, prepared: &Prepared) -> (Value, Vec<String>) {
    let capabilities = capability::resolve(&container.cap_add, &container.cap_drop)
        .expect("names are checked at launch");
    let mut notes = Vec::new();
    let rlimits: Vec<Value> = container
        .ulimits
        .iter()
        .map(|ulimit| rlimit(ulimit, prepared.ceiling, &mut notes))
        .collect();
    let process = json!({
        "args": container.argv,
        "env": environment(&container.env, &prepared.user),
        "cwd": container.cwd,
        "user": {
            "uid": prepared.user.uid,
            "gid": prepared.user.gid,
            "additionalGids": prepared.user.groups,
        },
        "capabilities": {
            "bounding": capabilities,
            "effective": capabilities,
            "permitted": capabilities,
            "inheritable": [],
            "ambient": [],
        },
        "rlimits": rlimits,
        "noNewPrivileges": container.no_new_privileges,
    });
    (process, notes)
}

/// `NAME=value` entries, the last of each name, with `PATH` and `HOME`.
pub(crate) fn environment(env: &[(String, String)], user: &User) -> Vec<String> {
    let mut entries: Vec<(&str, &str)> = vec![("PATH", PATH), ("HOME", &user.home)];
    for (name, value) in env {
        match entries.iter_mut().find(|(known, _)| known == name) {
            Some(entry) => entry.1 = value,
            None => entries.push((name, value)),
        }
    }
    entries.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// setrlimit's name for ECS's (`nofile` → `RLIMIT_NOFILE`).
pub(crate) fn rlimit_name(name: &str) -> Option<String> {
    const KNOWN: [&str; 15] = [
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
    let name = name.to_ascii_lowercase();
    let known = name == "as" || KNOWN.contains(&name.as_str());
    known.then(|| format!("RLIMIT_{}", name.to_ascii_uppercase()))
}

fn rlimit(ulimit: &Ulimit, ceiling: fn(&str) -> u64, notes: &mut Vec<String>) -> Value {
    let name = rlimit_name(&ulimit.name).expect("names are checked at launch");
    let most = ceiling(&name);
    let given = |asked: i64| if asked < 0 { u64::MAX } else { asked as u64 }.min(most);
    let (soft, hard) = (given(ulimit.soft), given(ulimit.hard));
    if most < u64::MAX && (ulimit.hard < 0 || ulimit.hard as u64 > most) {
        let asked = ulimit.hard;
        notes.push(format!(
            "ulimit {} is {most} instead of {asked}: raising it needs CAP_SYS_RESOURCE",
            ulimit.name
        ));
    }
    json!({ "type": name, "soft": soft.min(hard), "hard": hard })
}

/// The container's own groups, read-only where programs (the JVM, Node) look
/// for their limits. Bound one by one: `libcontainer`'s `cgroup` mount would
/// show the processes' leaf, which has no limits, and takes 20 ms on version 1.
fn cgroup_mounts(views: &[(String, String)]) -> Vec<Value> {
    let flags = ["nosuid", "noexec", "nodev"];
    let mut mounts = Vec::new();
    if views.len() > 1 {
        mounts.push(json!({
            "destination": "/sys/fs/cgroup", "type": "tmpfs", "source": "tmpfs",
            "options": [flags[0], flags[1], flags[2], "mode=755", "size=64k"],
        }));
    }
    for (source, destination) in views {
        mounts.push(json!({
            "destination": destination, "type": "bind", "source": source,
            "options": ["bind", "ro", flags[0], flags[1], flags[2]],
        }));
    }
    mounts
}

fn mounts(container: &ContainerSpec, prepared: &Prepared) -> Vec<Value> {
    let shm_size = format!("size={}", container.shm_size);
    let system = [
        ("/proc", "proc", "proc", vec!["nosuid", "noexec", "nodev"]),
        ("/dev", "tmpfs", "tmpfs", vec!["nosuid", "strictatime", "mode=755", "size=65536k"]),
        (
            "/dev/pts",
            "devpts",
            "devpts",
            vec!["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
        ),
        ("/sys", "sysfs", "sysfs", vec!["nosuid", "noexec", "nodev", "ro"]),
        ("/dev/mqueue", "mqueue", "mqueue", vec!["nosuid", "noexec", "nodev"]),
        ("/dev/shm", "tmpfs", "shm", vec!["nosuid", "noexec", "nodev", "mode=1777", &shm_size]),
    ];
    let mut mounts: Vec<Value> = system
        .into_iter()
        .map(|(destination, kind, source, options)| {
            json!({ "destination": destination, "type": kind, "source": source, "options": options })
        })
        .collect();
    mounts.extend(cgroup_mounts(&prepared.cgroup_views));
    let mut own: Vec<(&str, Value)> = Vec::new();
    for bind in &prepared.binds {
        let access = if bind.read_only { "ro" } else { "rw" };
        let mount = json!({
            "destination": bind.destination,
            "type": "bind",
            "source": bind.source,
            "options": ["rbind", "rprivate", access],
        });
        own.push((&bind.destination, mount));
    }
    for mount in &container.mounts {
        if let Mount::Tmpfs { destination, size, options } = mount {
            let mut all: Vec<String> = ["nosuid", "nodev", "mode=1777"].map(String::from).to_vec();
            all.push(format!("size={size}"));
            all.extend(options.iter().cloned());
            let mount = json!({
                "destination": destination, "type": "tmpfs", "source": "tmpfs", "options": all,
            });
            own.push((destination, mount));
        }
    }
    // A mount inside another comes after it.
    own.sort_by_key(|(destination, _)| destination.matches('/').count());
    mounts.extend(own.into_iter().map(|(_, mount)| mount));
    mounts
}

#[cfg(test)]
mod tests;
