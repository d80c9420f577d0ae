//! Starts a program as the server's user, inside a network namespace, with one
//! directory that it can reach.
//!
//! All of it is done on a thread that ends right after: namespaces belong to a
//! thread and children inherit them, so nothing has to run between fork and
//! exec.
//!
//! The data may lie below a directory that the server's user may not pass, such
//! as /root. Then the program gets a mount namespace of its own in which that
//! directory appears at a place that it can pass; nothing is left behind when
//! it ends.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{Uid, User as SystemUser, getegid, geteuid};

use crate::error::PgError;

/// Who the server runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub uid: u32,
    pub gid: u32,
}

impl User {
    /// The named user; else `postgres`, `nobody`, or ourselves if not root.
    pub fn choose(name: Option<&str>) -> Result<Self, PgError> {
        if let Some(name) = name {
            return Self::named(name).ok_or_else(|| PgError::UnknownUser(name.to_owned()));
        }
        if !geteuid().is_root() {
            return Ok(Self { uid: geteuid().as_raw(), gid: getegid().as_raw() });
        }
        ["postgres", "nobody"].into_iter().find_map(Self::named).ok_or(PgError::NoUser)
    }

    fn named(name: &str) -> Option<Self> {
        let user = SystemUser::from_name(name).ok().flatten()?;
        Some(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
    }
}

pub(crate) struct Launch<'a> {
    pub user: User,
    /// The program's working directory, and the one that it can reach.
    pub directory: &'a Path,
    pub netns: Option<&'a Path>,
}

impl Launch<'_> {
    /// `build` makes the command, given where the program sees the directory.
    pub fn spawn(&self, build: impl FnOnce(&Path) -> Command + Send) -> io::Result<Child> {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| self.spawn_here(build));
            thread.join().unwrap_or_else(|_| Err(io::Error::other("the starting thread panicked")))
        })
    }

    fn spawn_here(&self, build: impl FnOnce(&Path) -> Command) -> io::Result<Child> {
        if let Some(netns) = self.netns {
            setns(File::open(netns)?, CloneFlags::CLONE_NEWNET)?;
        }
        let seen = if passable(self.directory, self.user) {
            self.directory.to_owned()
        } else {
            show_elsewhere(self.directory)?
        };
        let mut command = build(&seen);
        command
            .current_dir(&seen)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8");
        if Uid::from_raw(self.user.uid) != geteuid() {
            command.uid(self.user.uid).gid(self.user.gid);
        }
        // Of a group of its own, so that Ctrl-C for the daemon is not for it.
        command.process_group(0).spawn()
    }
}

/// Whether a user may pass every directory above.
fn passable(directory: &Path, user: User) -> bool {
    let may_pass = |above: &Path| {
        above.metadata().is_ok_and(|metadata| {
            let mode = metadata.mode();
            let bit = if metadata.uid() == user.uid {
                0o100
            } else if metadata.gid() == user.gid {
                0o010
            } else {
                0o001
            };
            mode & bit != 0
        })
    };
    directory.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()).all(may_pass)
}

/// Binds a directory where everybody can pass, for this thread and its children
/// alone.
fn show_elsewhere(directory: &Path) -> io::Result<PathBuf> {
    let places = ["/mnt", "/media", "/srv", "/tmp"].map(Path::new);
    let place = places
        .into_iter()
        .find(|place| place.is_dir())
        .ok_or_else(|| io::Error::other("none of /mnt, /media, /srv and /tmp is there"))?;
    unshare(CloneFlags::CLONE_NEWNS)?;
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_SLAVE | MsFlags::MS_REC, none)?;
    mount(Some(directory), place, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?;
    Ok(place.to_owned())
}
