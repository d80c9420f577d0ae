//! How far this machine lets resource limits be raised.

use std::fs;

use nix::sys::resource::{Resource, getrlimit};

const CAP_SYS_RESOURCE: u64 = 1 << 24;

/// The most that the limit of setrlimit's `name` may be: without
/// CAP_SYS_RESOURCE the present hard limit, and for open files never more
/// than the kernel's `nr_open`. Going above gives a bare EPERM.
pub(super) fn ceiling(name: &str) -> u64 {
    let most = if may_raise() { u64::MAX } else { hard_limit(name) };
    if name != "RLIMIT_NOFILE" {
        return most;
    }
    let nr_open = fs::read_to_string("/proc/sys/fs/nr_open").unwrap_or_default();
    most.min(nr_open.trim().parse().unwrap_or(1 << 20))
}

fn may_raise() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:\t"));
    let bits = effective.and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0);
    bits & CAP_SYS_RESOURCE != 0
}

fn hard_limit(name: &str) -> u64 {
    let resource = match name {
        "RLIMIT_AS" => Resource::RLIMIT_AS,
        "RLIMIT_CORE" => Resource::RLIMIT_CORE,
        "RLIMIT_CPU" => Resource::RLIMIT_CPU,
        "RLIMIT_DATA" => Resource::RLIMIT_DATA,
        "RLIMIT_FSIZE" => Resource::RLIMIT_FSIZE,
        "RLIMIT_LOCKS" => Resource::RLIMIT_LOCKS,
        "RLIMIT_MEMLOCK" => Resource::RLIMIT_MEMLOCK,
        "RLIMIT_MSGQUEUE" => Resource::RLIMIT_MSGQUEUE,
        "RLIMIT_NICE" => Resource::RLIMIT_NICE,
        "RLIMIT_NOFILE" => Resource::RLIMIT_NOFILE,
        "RLIMIT_NPROC" => Resource::RLIMIT_NPROC,
        "RLIMIT_RSS" => Resource::RLIMIT_RSS,
        "RLIMIT_RTPRIO" => Resource::RLIMIT_RTPRIO,
        "RLIMIT_RTTIME" => Resource::RLIMIT_RTTIME,
        "RLIMIT_SIGPENDING" => Resource::RLIMIT_SIGPENDING,
        "RLIMIT_STACK" => Resource::RLIMIT_STACK,
        _ => return u64::MAX,
    };
    getrlimit(resource).map_or(u64::MAX, |(_, hard)| hard)
}
