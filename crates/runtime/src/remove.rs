//! Taking a task off the machine, from whatever state it is in. Blocks; runs
//! in the background of the daemon.

use std::fs;
use std::io;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::cgroup::Group;
use crate::charter::ShimProcess;

/// Kills what runs, removes the control groups and the directory. What is
/// not there is fine.
pub(crate) fn task(dir: &Path, group: &Group) -> io::Result<()> {
    kill_shim(dir);
    group.kill_all();
    group.remove()?;
    remove_dir(dir)
}

/// Kills the shim, if it is still the process that `shim.json` names.
pub(crate) fn kill_shim(dir: &Path) {
    let Ok(shim) = ShimProcess::read(dir) else { return };
    if !shim.is_alive() {
        return;
    }
    let _ = kill(Pid::from_raw(shim.pid), Signal::SIGKILL);
    for _ in 0..400 {
        if !shim.is_alive() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn remove_dir(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io::Error::new(error.kind(), format!("remove {}: {error}", dir.display())))
        }
        _ => Ok(()),
    }
}
