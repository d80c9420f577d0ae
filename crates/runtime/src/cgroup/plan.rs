//! Which files get which values: pure, so that both versions are tested
//! everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Layout;
use crate::spec::Limits;

const QUOTA_PERIOD_US: u64 = 100_000;

/// Controllers that tasks are limited and measured by, on version 2.
const V2_CONTROLLERS: [&str; 3] = ["cpu", "memory", "pids"];
/// The same on version 1, where a controller may have its own hierarchy.
const V1_CONTROLLERS: [&str; 5] = ["cpu", "cpuacct", "devices", "memory", "pids"];

/// One step on the file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    MakeDir(PathBuf),
    /// `optional` files may be missing, where the kernel lacks the feature.
    Set {
        file: PathBuf,
        value: String,
        optional: bool,
    },
}

impl Write {
    pub fn perform(&self) -> io::Result<()> {
        match self {
            Write::MakeDir(dir) => match fs::create_dir(dir) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    Err(io::Error::new(error.kind(), format!("mkdir {}: {error}", dir.display())))
                }
                _ => Ok(()),
            },
            Write::Set { file, value, optional } => match set(file, value) {
                Err(error) if !optional => Err(io::Error::new(
                    error.kind(),
                    match error.kind() {
                        io::ErrorKind::NotFound => format!(
                            "no {}: this machine does not offer the controller to control groups",
                            file.display()
                        ),
                        _ => format!("write {value:?} to {}: {error}", file.display()),
                    },
                )),
                _ => Ok(()),
            },
        }
    }
}

/// Writes to a file that must be there.
fn set(file: &Path, value: &str) -> io::Result<()> {
    fs::OpenOptions::new().write(true).open(file)?.write_all(value.as_bytes())
}

/// Reads `/proc/self/mountinfo`. A hybrid machine, whose controllers are on
/// version 1, counts as version 1.
pub(crate) fn layout(mountinfo: &str) -> Option<Layout> {
    let mut controllers = BTreeMap::new();
    let mut v2_root = None;
    for line in mountinfo.lines() {
        let Some((before, after)) = line.split_once(" - ") else { continue };
        let Some(mount_point) = before.split(' ').nth(4).map(PathBuf::from) else { continue };
        let mut after = after.split(' ');
        let kind = after.next().unwrap_or_default();
        let options = after.nth(1).unwrap_or_default();
        match kind {
            "cgroup2" if v2_root.is_none() => v2_root = Some(mount_point),
            "cgroup" => {
                // A named hierarchy (`name=systemd`) and flags (`xattr`) come
                // out as names too: their directories are ours to remove.
                let skip = ["rw", "ro", "xattr", "noprefix", "clone_children"];
                for option in options.split(',').filter(|option| !skip.contains(option)) {
                    controllers.entry(option.to_owned()).or_insert_with(|| mount_point.clone());
                }
            }
            _ => {}
        }
    }
    if controllers.contains_key("memory") {
        return Some(Layout::V1(controllers));
    }
    v2_root.map(Layout::V2)
}

/// `path`'s directory in `controller`'s hierarchy.
pub(crate) fn dir_of(layout: &Layout, controller: &str, path: &Path) -> Option<PathBuf> {
    match layout {
        Layout::V1(controllers) => controllers.get(controller).map(|root| root.join(path)),
        Layout::V2(root) => Some(root.join(path)),
    }
}

/// Makes `path` and its parents, on version 2 with the controllers handed down.
pub(crate) fn create(layout: &Layout, path: &Path) -> Vec<Write> {
    let mut writes = Vec::new();
    let roots: Vec<PathBuf> = match layout {
        Layout::V2(root) => vec![root.clone()],
        Layout::V1(controllers) => {
            let used = V1_CONTROLLERS.iter().filter_map(|name| controllers.get(*name));
            let mut roots: Vec<PathBuf> = used.cloned().collect();
            roots.dedup();
            roots
        }
    };
    for root in roots {
        let mut dir = root;
        for part in path {
            if layout.is_v2() {
                for controller in V2_CONTROLLERS {
                    writes.push(Write::Set {
                        file: dir.join("cgroup.subtree_control"),
                        value: format!("+{controller}"),
                        optional: true,
                    });
                }
            }
            dir.push(part);
            writes.push(Write::MakeDir(dir.clone()));
        }
    }
    writes
}

/// Where a process goes so as not to be found in its service's group.
pub(crate) fn shelters(layout: &Layout, path: &Path) -> Vec<PathBuf> {
    match layout {
        Layout::V2(root) => vec![root.join(path)],
        Layout::V1(controllers) => {
            let named = controllers.iter().filter(|(name, _)| name.starts_with("name="));
            named.map(|(_, root)| root.join(path)).collect()
        }
    }
}

/// The limits of the group at `path`.
pub(crate) fn limits(layout: &Layout, path: &Path, limits: &Limits) -> Vec<Write> {
    let mut writes = Vec::new();
    let mut set = |controller: &str, file: &str, value: String, optional: bool| {
        let dir = dir_of(layout, controller, path);
        let file = dir.unwrap_or_else(|| PathBuf::from("/no-such-controller")).join(file);
        writes.push(Write::Set { file, value, optional });
    };
    let v2 = layout.is_v2();
    if let Some(units) = limits.cpu_shares {
        let shares = units.clamp(2, 262_144);
        match v2 {
            true => set("cpu", "cpu.weight", weight_of_shares(shares).to_string(), false),
            false => set("cpu", "cpu.shares", shares.to_string(), false),
        }
    }
    if let Some(units) = limits.cpu_quota {
        let quota = (units * QUOTA_PERIOD_US / 1024).max(1000);
        if v2 {
            set("cpu", "cpu.max", format!("{quota} {QUOTA_PERIOD_US}"), false);
        } else {
            set("cpu", "cpu.cfs_period_us", QUOTA_PERIOD_US.to_string(), false);
            set("cpu", "cpu.cfs_quota_us", quota.to_string(), false);
        }
    }
    if let Some(bytes) = limits.memory {
        if v2 {
            set("memory", "memory.max", bytes.to_string(), false);
            set("memory", "memory.swap.max", "0".into(), true);
        } else {
            set("memory", "memory.limit_in_bytes", bytes.to_string(), false);
            set("memory", "memory.memsw.limit_in_bytes", bytes.to_string(), true);
            set("memory", "memory.swappiness", "0".into(), true);
        }
    }
    if let Some(bytes) = limits.memory_reservation {
        let file = if v2 { "memory.low" } else { "memory.soft_limit_in_bytes" };
        set("memory", file, bytes.to_string(), false);
    }
    if let Some(count) = limits.pids {
        set("pids", "pids.max", count.to_string(), false);
    }
    writes
}

/// Version 1's rules that leave a container the devices of `/dev` and the
/// making (not the opening) of any node.
pub(crate) fn devices(layout: &Layout, path: &Path) -> Vec<Write> {
    let Some(dir) = dir_of(layout, "devices", path) else { return Vec::new() };
    let mut writes =
        vec![Write::Set { file: dir.join("devices.deny"), value: "a".into(), optional: false }];
    for rule in DEVICE_RULES {
        let major_minor = |n: Option<u32>| n.map_or("*".to_owned(), |n| n.to_string());
        let access = if rule.open { "rwm" } else { "m" };
        let value = format!(
            "{} {}:{} {access}",
            rule.kind,
            major_minor(rule.major),
            major_minor(rule.minor)
        );
        writes.push(Write::Set { file: dir.join("devices.allow"), value, optional: false });
    }
    writes
}

/// A device, or all of a kind, that containers may make or also open.
pub(crate) struct DeviceRule {
    pub kind: char,
    pub major: Option<u32>,
    pub minor: Option<u32>,
    pub open: bool,
}

const fn device(major: u32, minor: Option<u32>) -> DeviceRule {
    DeviceRule { kind: 'c', major: Some(major), minor, open: true }
}

/// The devices that the OCI runtime specification has in every container.
pub(crate) const DEVICE_RULES: [DeviceRule; 10] = [
    DeviceRule { kind: 'c', major: None, minor: None, open: false },
    DeviceRule { kind: 'b', major: None, minor: None, open: false },
    device(1, Some(3)),
    device(1, Some(5)),
    device(1, Some(7)),
    device(1, Some(8)),
    device(1, Some(9)),
    device(5, Some(0)),
    device(5, Some(2)),
    device(136, None),
];

/// The file that counts kills for memory.
pub(crate) fn oom_file(layout: &Layout) -> &'static str {
    if layout.is_v2() { "memory.events" } else { "memory.oom_control" }
}

/// The number after `key` in a file of `key value` lines.
pub(crate) fn value_of(text: &str, key: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
    line.and_then(|value| value.trim().parse().ok())
}

/// Version 2's weight for version 1's shares, by the kernel documentation's
/// linear map of 2…262144 to 1…10000.
fn weight_of_shares(shares: u64) -> u64 {
    1 + (shares - 2) * 9999 / 262_142
}

#[cfg(test)]
mod tests;
