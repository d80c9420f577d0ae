//! What a task uses, read from its control groups and its network namespace.
//! No shim is asked; a task that has ended reads as what it used in all.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cgroup::Group;
use crate::cgroup::plan::value_of;

/// Use of one control group. Counters grow for as long as the task exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time used, in nanoseconds.
    pub cpu_ns: u64,
    /// Memory in use, in bytes, the page cache included.
    pub memory_bytes: u64,
    /// Page cache that the kernel would drop first; tools show `memory_bytes`
    /// less this as "used".
    pub memory_inactive_file_bytes: u64,
    /// The most there ever was; 0 where the kernel does not keep it.
    pub memory_max_bytes: u64,
    /// `None` is no limit.
    pub memory_limit_bytes: Option<u64>,
    pub pids: u64,
    /// Kills for memory.
    pub oom_kills: u64,
}

/// Bytes and packets of one network interface since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkStats {
    pub rx_bytes: u64,
    pub rx_packets: u64,
    pub rx_errors: u64,
    pub rx_dropped: u64,
    pub tx_bytes: u64,
    pub tx_packets: u64,
    pub tx_errors: u64,
    pub tx_dropped: u64,
}

pub type ContainerStats = Usage;

/// Bytes that processes had read from storage, and written to it, since they began. What comes
/// out of the page cache, or is still in it, is not counted. A child's counts for its parent,
/// once that has waited for it: so the sum over a container's processes goes on growing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageStats {
    pub read_bytes: u64,
    pub written_bytes: u64,
}

/// A task and its containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStats {
    pub task: Usage,
    pub containers: BTreeMap<String, ContainerStats>,
    /// CPU time of all of the machine's processors since it booted, idle time included.
    pub machine_cpu_ns: u64,
    /// By interface, without `lo`; empty while no container runs.
    pub networks: BTreeMap<String, NetworkStats>,
    /// By container.
    pub storage: BTreeMap<String, StorageStats>,
}

/// CPU time of the whole machine, out of the first line of `/proc/stat`.
pub(crate) fn machine_cpu_ns() -> u64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks = text.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
    // A tick is a hundredth of a second on every Linux that programs see.
    ticks.filter_map(|tick| tick.parse::<u64>().ok()).sum::<u64>() * 10_000_000
}

/// The use of `group`.
pub(crate) fn usage(group: &Group) -> Usage {
    let read = |controller: &str, file: &str| {
        let path = group.dir_of(controller).map(|dir| dir.join(file));
        path.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default()
    };
    let mut usage = if group.layout().is_v2() { v2(read) } else { v1(read) };
    usage.oom_kills = group.oom_kills();
    usage
}

fn number(text: String) -> Option<u64> {
    text.trim().parse().ok()
}

fn v1(read: impl Fn(&str, &str) -> String) -> Usage {
    // No limit is written as the largest number of whole pages.
    let limit = number(read("memory", "memory.limit_in_bytes"));
    Usage {
        cpu_ns: number(read("cpuacct", "cpuacct.usage")).unwrap_or(0),
        memory_bytes: number(read("memory", "memory.usage_in_bytes")).unwrap_or(0),
        memory_inactive_file_bytes: value_of(&read("memory", "memory.stat"), "total_inactive_file")
            .unwrap_or(0),
        memory_max_bytes: number(read("memory", "memory.max_usage_in_bytes")).unwrap_or(0),
        memory_limit_bytes: limit.filter(|limit| *limit < i64::MAX as u64 - 0xffff),
        pids: number(read("pids", "pids.current")).unwrap_or(0),
        oom_kills: 0,
    }
}

fn v2(read: impl Fn(&str, &str) -> String) -> Usage {
    Usage {
        cpu_ns: value_of(&read("cpu", "cpu.stat"), "usage_usec").unwrap_or(0) * 1000,
        memory_bytes: number(read("memory", "memory.current")).unwrap_or(0),
        memory_inactive_file_bytes: value_of(&read("memory", "memory.stat"), "inactive_file")
            .unwrap_or(0),
        memory_max_bytes: number(read("memory", "memory.peak")).unwrap_or(0),
        memory_limit_bytes: number(read("memory", "memory.max")),
        pids: number(read("pids", "pids.current")).unwrap_or(0),
        oom_kills: 0,
    }
}

/// What the processes of `group` have read and written. The kernel counts it for each process, on
/// every layout of control groups; not every machine has a controller that does.
pub(crate) fn storage(group: &Group) -> StorageStats {
    let mut sum = StorageStats::default();
    for pid in group.measured_pids() {
        let text = fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
        let counter = |name| value_of(&text, name).unwrap_or(0);
        sum.read_bytes += counter("read_bytes:");
        sum.written_bytes += counter("write_bytes:");
    }
    sum
}

/// Bytes on disk of all files below `dirs`.
pub(crate) fn disk_bytes(dirs: impl IntoIterator<Item = PathBuf>) -> u64 {
    let mut left: Vec<PathBuf> = dirs.into_iter().collect();
    let mut blocks = 0;
    while let Some(dir) = left.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            blocks += metadata.blocks();
            if metadata.is_dir() {
                left.push(entry.path());
            }
        }
    }
    blocks * 512
}

/// The interfaces that the process `pid` sees.
pub(crate) fn networks(pid: i32) -> BTreeMap<String, NetworkStats> {
    let path = format!("/proc/{pid}/net/dev");
    parse_net_dev(&fs::read_to_string(Path::new(&path)).unwrap_or_default())
}

fn parse_net_dev(text: &str) -> BTreeMap<String, NetworkStats> {
    let mut networks = BTreeMap::new();
    for (name, counters) in text.lines().filter_map(|line| line.split_once(':')) {
        let counters: Vec<u64> =
            counters.split_whitespace().filter_map(|field| field.parse().ok()).collect();
        let [
            rx_bytes,
            rx_packets,
            rx_errors,
            rx_dropped,
            _,
            _,
            _,
            _,
            tx_bytes,
            tx_packets,
            tx_errors,
            tx_dropped,
            ..,
        ] = counters[..]
        else {
            continue;
        };
        let stats = NetworkStats {
            rx_bytes,
            rx_packets,
            rx_errors,
            rx_dropped,
            tx_bytes,
            tx_packets,
            tx_errors,
            tx_dropped,
        };
        if name.trim() != "lo" {
            networks.insert(name.trim().to_owned(), stats);
        }
    }
    networks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(known: &'static [(&str, &str)]) -> impl Fn(&str, &str) -> String {
        move |_, file| {
            let found = known.iter().find(|(name, _)| *name == file);
            found.map(|(_, text)| text.to_string()).unwrap_or_default()
        }
    }

    #[test]
    fn both_versions_read_the_same() {
        let old = v1(files(&[
            ("cpuacct.usage", "1234567000\n"),
            ("memory.usage_in_bytes", "4096\n"),
            ("memory.stat", "inactive_file 1\ntotal_inactive_file 1024\n"),
            ("memory.max_usage_in_bytes", "8192\n"),
            ("memory.limit_in_bytes", "9223372036854771712\n"),
            ("pids.current", "3\n"),
        ]));
        let new = v2(files(&[
            ("cpu.stat", "usage_usec 1234567\nuser_usec 1\n"),
            ("memory.current", "4096\n"),
            ("memory.stat", "active_file 5\ninactive_file 1024\n"),
            ("memory.peak", "8192\n"),
            ("memory.max", "max\n"),
            ("pids.current", "3\n"),
        ]));
        assert_eq!(old, new);
        assert_eq!((new.cpu_ns, new.memory_limit_bytes), (1_234_567_000, None));
        assert_eq!(new.memory_inactive_file_bytes, 1024);
    }

    #[test]
    fn interfaces() {
        let text = "Inter-|   Receive\n face |bytes packets\n    lo: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0\n  eth0: 100 2 0 1 0 0 0 0 300 4 0 0 0 0 0 0\n";
        let networks = parse_net_dev(text);
        let eth0 = NetworkStats {
            rx_bytes: 100,
            rx_packets: 2,
            rx_dropped: 1,
            tx_bytes: 300,
            tx_packets: 4,
            ..NetworkStats::default()
        };
        assert_eq!(networks, BTreeMap::from([("eth0".to_owned(), eth0)]));
    }
}
