//! What a server uses, as the machine counts it: its processes in /proc, its files on disk.

use std::fs;
use std::path::Path;

use crate::layout::Layout;
use crate::process::Process;

/// Of one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Nanoseconds of CPU time since the server started: its own, that of its processes, and
    /// that of those that have ended.
    pub cpu_ns: u64,
    /// Clients that are connected over the network.
    pub connections: u32,
    /// What the data takes on disk.
    pub disk_bytes: u64,
}

/// Linux tells CPU times in hundredths of a second, whatever its own clock is (proc(5)).
const TICK_NS: u64 = 10_000_000;

impl Usage {
    /// Of the server of an instance; `None` where none runs.
    pub fn of(root: &Path, id: &str) -> Option<Self> {
        let data = Layout::at(root).data(id);
        let server = Process::of(&data)?.pid;
        let own = ticks(server).map(|ticks| ticks.own + ticks.ended)?;
        let children = children(server);
        let live: u64 = children.iter().filter_map(|pid| ticks(*pid)).map(|ticks| ticks.own).sum();
        let connections = children.iter().filter(|pid| is_client(&title(**pid))).count();
        Some(Usage {
            cpu_ns: (own + live) * TICK_NS,
            connections: connections as u32,
            disk_bytes: size(&data),
        })
    }
}

/// CPU times of a process, in hundredths of a second.
#[derive(Debug, PartialEq, Eq)]
struct Ticks {
    own: u64,
    /// Of its children that have ended.
    ended: u64,
}

fn ticks(pid: u32) -> Option<Ticks> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Of `PID (NAME) STATE …`, the fields utime, stime, cutime and cstime of proc(5).
fn parse(stat: &str) -> Option<Ticks> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let fields: Vec<u64> = after_name
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|text| text.parse().ok())
        .collect();
    let [user, system, ended_user, ended_system] = fields[..] else { return None };
    Some(Ticks { own: user + system, ended: ended_user + ended_system })
}

fn children(pid: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    listed.unwrap_or_default().split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn title(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

/// Whether the title is that of a client's process: `postgres: USER DATABASE 10.0.1.4(40123) idle`.
fn is_client(title: &str) -> bool {
    let is_address = |word: &str| {
        word.strip_suffix(')').and_then(|word| word.split_once('(')).is_some_and(|(host, port)| {
            !host.is_empty() && !port.is_empty() && port.chars().all(|c| c.is_ascii_digit())
        })
    };
    title.starts_with("postgres: ") && title.split(' ').any(is_address)
}

/// Of all files in a directory. What goes meanwhile takes nothing.
fn size(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_after_a_name_that_may_hold_anything() {
        let stat = "71 (postgres: a) b) S 1 71 71 0 -1 4194560 9 8 7 6 150 25 300 75 20 0 1 0 9";
        assert_eq!(parse(stat), Some(Ticks { own: 175, ended: 375 }));
        assert_eq!(parse("71 (postgres"), None);
    }

    #[test]
    fn clients_have_an_address() {
        for (title, expected) in [
            ("postgres: app realworld 10.0.1.4(40123) idle", true),
            ("postgres: app realworld fd00::4(40123) SELECT", true),
            ("postgres: rdsadmin postgres [local] idle", false),
            ("postgres: checkpointer ", false),
            ("postgres: autovacuum worker (3) ", false),
            ("/usr/lib/postgresql/15/bin/postgres -D data(1)", false),
        ] {
            assert_eq!(is_client(title), expected, "{title}");
        }
    }
}
