//! Control groups of a task, on version 1 hierarchies and on version 2.
//!
//! ```text
//! <prefix>/<task>                limits of the task, device rules
//! <prefix>/<task>/<container>    limits of the container
//! <prefix>/<task>/<container>/init     its processes
//! <prefix>/<task>/<container>/exec-3   an exec's, so that its whole tree can be killed
//! <prefix>/.shims                the shims, out of the daemon's own group
//! ```
//! Processes live in leaves only, as version 2 demands. What is written where
//! is computed by pure functions ([`plan`]); this file finds the machine's
//! layout and touches the file system. `libcontainer` moves the processes in.

mod devices;
pub(crate) mod plan;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::spec::Limits;

/// How the machine mounts control groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Controller name → mount point; one directory may serve several.
    V1(BTreeMap<String, PathBuf>),
    V2(PathBuf),
}

/// The groups under one path, relative to every hierarchy's root.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    layout: Layout,
    path: PathBuf,
}

impl Layout {
    /// The layout of this machine.
    pub fn detect() -> io::Result<Self> {
        let layout = plan::layout(&fs::read_to_string("/proc/self/mountinfo")?);
        layout.ok_or_else(|| io::Error::other("no control group hierarchy is mounted"))
    }

    /// The hierarchies' mount points, each once.
    fn roots(&self) -> Vec<PathBuf> {
        match self {
            Layout::V2(root) => vec![root.clone()],
            Layout::V1(controllers) => {
                let mut roots: Vec<PathBuf> = controllers.values().cloned().collect();
                roots.sort();
                roots.dedup();
                roots
            }
        }
    }

    pub fn is_v2(&self) -> bool {
        matches!(self, Layout::V2(_))
    }

    pub fn group(&self, path: impl Into<PathBuf>) -> Group {
        Group { layout: self.clone(), path: path.into() }
    }
}

impl Group {
    /// `/path`, as an OCI bundle names it.
    pub fn oci_path(&self) -> String {
        format!("/{}", self.path.display())
    }

    pub fn child(&self, name: &str) -> Group {
        Group { layout: self.layout.clone(), path: self.path.join(name) }
    }

    /// The group of this name in the same parent.
    pub fn sibling(&self, name: &str) -> Group {
        Group { layout: self.layout.clone(), path: self.path.with_file_name(name) }
    }

    /// This group's directory in every hierarchy.
    pub fn dirs(&self) -> Vec<PathBuf> {
        self.layout.roots().into_iter().map(|root| root.join(&self.path)).collect()
    }

    /// Makes the group, its parents included, and sets its limits.
    pub fn create(&self, limits: &Limits) -> io::Result<()> {
        for write in plan::create(&self.layout, &self.path) {
            write.perform()?;
        }
        for write in plan::limits(&self.layout, &self.path, limits) {
            write.perform()?;
        }
        Ok(())
    }

    /// Lets the group's processes use the harmless devices only.
    pub fn restrict_devices(&self) -> io::Result<()> {
        match &self.layout {
            Layout::V1(_) => {
                plan::devices(&self.layout, &self.path).iter().try_for_each(plan::Write::perform)
            }
            Layout::V2(root) => devices::attach(&root.join(&self.path)),
        }
    }

    /// Moves this process in, where a service manager would otherwise kill it
    /// along with the daemon: version 2, and version 1's named hierarchies.
    /// Its use is counted nowhere then; failing that, it stays.
    pub fn shelter(&self) {
        for dir in plan::shelters(&self.layout, &self.path) {
            if std::fs::create_dir_all(&dir).is_ok() {
                let _ = fs::write(dir.join("cgroup.procs"), "0");
            }
        }
    }

    /// Every process in the group and below it.
    pub fn pids(&self) -> Vec<Pid> {
        pids_below(self.dirs())
    }

    /// The same, of one hierarchy alone: the cheaper question, for whoever asks often.
    pub fn measured_pids(&self) -> Vec<Pid> {
        pids_below(self.dir_of("cpuacct").into_iter().collect())
    }

    /// SIGKILL to every process in the group and below; says whether there was one.
    pub fn kill(&self) -> bool {
        if let Layout::V2(root) = &self.layout
            && fs::write(root.join(&self.path).join("cgroup.kill"), "1").is_ok()
        {
            return !self.pids().is_empty();
        }
        let pids = self.pids();
        for pid in &pids {
            let _ = kill(*pid, Signal::SIGKILL);
        }
        !pids.is_empty()
    }

    /// Kills until nothing is left, for at most about two seconds. Blocks.
    pub fn kill_all(&self) {
        for _ in 0..400 {
            if !self.kill() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Removes the group and everything below it; absent ones are fine. Blocks
    /// for at most about a second while the kernel lets go of dead processes.
    pub fn remove(&self) -> io::Result<()> {
        self.dirs().iter().try_for_each(|dir| remove_tree(dir))
    }

    /// Times that the kernel killed for memory in this group and below it.
    pub fn oom_kills(&self) -> u64 {
        let Some(dir) = self.dir_of("memory") else { return 0 };
        let count = |group: &Path| {
            let file = group.join(plan::oom_file(&self.layout));
            let text = fs::read_to_string(file).unwrap_or_default();
            plan::value_of(&text, "oom_kill").unwrap_or(0)
        };
        if self.layout.is_v2() {
            return count(&dir);
        }
        // Version 1 counts a kill in the victim's own group alone.
        let mut kills = 0;
        walk(&dir, &mut |group| kills += count(group));
        kills
    }

    /// This group's directory in `controller`'s hierarchy.
    pub fn dir_of(&self, controller: &str) -> Option<PathBuf> {
        plan::dir_of(&self.layout, controller, &self.path)
    }

    /// The group's directories, and where a container sees them.
    pub fn views(&self) -> Vec<(String, String)> {
        let text = |dir: PathBuf| dir.display().to_string();
        if self.layout.is_v2() {
            let dirs = self.dir_of("").into_iter();
            return dirs.map(|dir| (text(dir), "/sys/fs/cgroup".into())).collect();
        }
        let seen = ["cpu", "cpuacct", "memory", "pids"].into_iter();
        let view = |name| Some((text(self.dir_of(name)?), format!("/sys/fs/cgroup/{name}")));
        seen.filter_map(view).collect()
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// The names of the groups directly under `path` in any hierarchy, without
/// the hidden ones, which are no task's.
pub(crate) fn children(layout: &Layout, path: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for dir in layout.group(path).dirs() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                names.extend(entry.file_name().into_string());
            }
        }
    }
    names.retain(|name: &String| !name.starts_with('.'));
    names.sort();
    names.dedup();
    names
}

fn pids_below(dirs: Vec<PathBuf>) -> Vec<Pid> {
    let mut pids = Vec::new();
    for dir in dirs {
        walk(&dir, &mut |group| {
            let procs = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
            pids.extend(procs.lines().filter_map(|line| line.parse().ok()).map(Pid::from_raw));
        });
    }
    pids.sort();
    pids.dedup();
    pids.retain(|pid| pid.as_raw() > 0);
    pids
}

fn walk(dir: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&entry.path(), visit);
        }
    }
    visit(dir);
}

fn remove_tree(dir: &Path) -> io::Result<()> {
    let mut result = Ok(());
    walk(dir, &mut |group| {
        for attempt in 0..200 {
            match fs::remove_dir(group) {
                Err(error) if error.raw_os_error() == Some(libc::EBUSY) && attempt < 199 => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    let path = group.display();
                    result = Err(io::Error::new(error.kind(), format!("rmdir {path}: {error}")));
                    break;
                }
                _ => break,
            }
        }
    });
    result
}
