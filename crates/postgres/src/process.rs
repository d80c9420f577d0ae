//! Which processes are an instance's, held so that they can't be mistaken.
//!
//! A pid may be another's by the time it is used, after a reboot all the more.
//! So a server is known by its working directory, which is the instance's data
//! and no other process's; and it is signalled and waited for through a pidfd,
//! which stays with the process that it was opened for.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::error::PgError;

/// A live server.
#[derive(Debug)]
pub(crate) struct Process {
    pub pid: u32,
    pidfd: OwnedFd,
}

/// What a server writes into `postmaster.pid`, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub pid: u32,
    pub port: u16,
    pub listen: String,
    pub ready: bool,
}

impl PidFile {
    pub fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().collect::<Vec<_>>();
        let line = |number: usize| lines.get(number - 1).map_or("", |line| line.trim());
        Some(Self {
            pid: line(1).parse().ok()?,
            port: line(4).parse().unwrap_or(0),
            listen: line(6).to_owned(),
            ready: line(8) == "ready",
        })
    }
}

impl Process {
    /// The server that runs on this data, if one does.
    pub fn of(data: &Path) -> Option<Self> {
        Self::open(PidFile::read(data)?.pid, data)
    }

    /// `None` if the process is gone or works elsewhere. The pidfd comes first:
    /// what is seen of the process afterwards is then seen of this one.
    pub fn open(pid: u32, data: &Path) -> Option<Self> {
        let raw = Pid::from_raw(i32::try_from(pid).ok()?)?;
        let pidfd = pidfd_open(raw, PidfdFlags::empty()).ok()?;
        let process = Self { pid, pidfd };
        (works_in(pid, data) && !process.wait(Some(Duration::ZERO))).then_some(process)
    }

    /// Whether its network is the one at this path, or ours without one.
    pub fn is_in_network(&self, netns: Option<&Path>) -> bool {
        let wanted = netns.unwrap_or(Path::new("/proc/self/ns/net"));
        same_file(Path::new(&format!("/proc/{}/ns/net", self.pid)), wanted)
    }

    pub fn signal(&self, signal: Signal) {
        // It may be gone already, which is what signals are for.
        let _ = pidfd_send_signal(&self.pidfd, signal);
    }

    /// Waits for its end, at most so long; whether it has ended.
    pub fn wait(&self, at_most: Option<Duration>) -> bool {
        let timeout = at_most.map(|duration| Timespec {
            tv_sec: duration.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: duration.subsec_nanos().into(),
        });
        let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
        poll(&mut fds, timeout.as_ref()).is_ok_and(|ready| ready > 0)
    }

    pub fn into_pidfd(self) -> OwnedFd {
        self.pidfd
    }
}

/// Kills what a dead server left: its children work in the same directory and
/// may hold its shared memory for a moment.
pub(crate) fn kill_leftovers(data: &Path) -> Result<(), PgError> {
    let leftovers = processes_in(data)?;
    for process in &leftovers {
        process.signal(Signal::QUIT);
    }
    for process in leftovers {
        if !process.wait(Some(Duration::from_secs(5))) {
            process.signal(Signal::KILL);
            process.wait(None);
        }
    }
    Ok(())
}

/// Waits for a dead server's children to end by themselves, at most so long for each.
pub(crate) fn wait_for_leftovers(data: &Path, at_most: Duration) -> Result<(), PgError> {
    for process in processes_in(data)? {
        process.wait(Some(at_most));
    }
    Ok(())
}

fn processes_in(data: &Path) -> Result<Vec<Process>, PgError> {
    let proc = Path::new("/proc");
    let mut found = Vec::new();
    for entry in fs::read_dir(proc).map_err(PgError::io("listing", proc))?.flatten() {
        if let Ok(pid) = entry.file_name().to_string_lossy().parse() {
            found.extend(Process::open(pid, data));
        }
    }
    Ok(found)
}

fn works_in(pid: u32, data: &Path) -> bool {
    same_file(Path::new(&format!("/proc/{pid}/cwd")), data) && is_postgres(pid)
}

/// A shell that somebody left in the directory is not ours to kill.
fn is_postgres(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == "postgres")
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => one.dev() == other.dev() && one.ino() == other.ino(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_is_read_while_it_grows() {
        let whole =
            "42\n/data\n1700000000\n5432\n/proc/self/cwd\n10.0.2.4\n  5432001   32769\nready   \n";
        let expected = PidFile { pid: 42, port: 5432, listen: "10.0.2.4".into(), ready: true };
        assert_eq!(PidFile::parse(whole), Some(expected.clone()));
        let starting = whole.replace("ready   ", "starting");
        assert_eq!(PidFile::parse(&starting), Some(PidFile { ready: false, ..expected }));
        assert_eq!(PidFile::parse("42\n").map(|file| file.pid), Some(42));
        assert_eq!(PidFile::parse(""), None);
    }

    #[test]
    fn a_process_that_works_elsewhere_is_not_taken_for_a_server() {
        let own = std::process::id();
        assert!(Process::open(own, Path::new("/proc")).is_none());
    }
}
