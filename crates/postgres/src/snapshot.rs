//! Snapshots: whole clusters at rest. A running server is copied by
//! pg_basebackup, while it serves; a deleted instance's data is simply kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::create;
use crate::error::PgError;
use crate::layout::{make_private, remove_all, sync_directory};
use crate::process::PidFile;
use crate::psql::{SOCKET_DIRECTORY, SUPERUSER};
use crate::server::Hand;
use crate::spec::check_name;

impl Hand {
    pub fn take_snapshot(&self, id: &str, name: &str) -> Result<(), PgError> {
        let data = self.known(id)?;
        self.check_new_snapshot(name)?;
        let major = create::major_of(&data)?;
        let installation = crate::install::choose(&self.installed, Some(major), id)?;
        let unfinished = self.layout.snapshot(&format!(".{name}"));
        remove_all(&unfinished)?;
        make_private(&unfinished, self.user)?;
        let port = PidFile::read(&data).map_or(0, |file| file.port).to_string();
        create::run(
            Command::new(installation.bin.join("pg_basebackup"))
                .args(["-h", SOCKET_DIRECTORY, "-p", &port, "-U", SUPERUSER])
                .args(["--no-password", "--checkpoint=fast", "--wal-method=stream", "--no-sync"])
                .arg("-D")
                .arg(unfinished.join("data"))
                .current_dir(&data),
        )?;
        let owner = format!("{}:{}", self.user.uid, self.user.gid);
        create::run(Command::new("chown").args(["-R", &owner]).arg(&unfinished))?;
        create::sync(installation, self.user, &unfinished)?;
        self.finish(&unfinished, name)
    }

    /// Keeps the data of a server that has stopped.
    pub(crate) fn keep(&self, data: &Path, name: &str) -> Result<(), PgError> {
        let unfinished = self.layout.snapshot(&format!(".{name}"));
        remove_all(&unfinished)?;
        make_private(&unfinished, self.user)?;
        let kept = unfinished.join("data");
        fs::rename(data, &kept).map_err(PgError::io("moving", data))?;
        self.finish(&unfinished, name)
    }

    pub fn delete_snapshot(&self, name: &str) -> Result<(), PgError> {
        check_name("snapshot identifier", name)?;
        remove_all(&self.layout.snapshot(name))
    }

    pub(crate) fn snapshot_data(&self, name: &str) -> Result<PathBuf, PgError> {
        check_name("snapshot identifier", name)?;
        let data = self.layout.snapshot(name).join("data");
        if data.is_dir() {
            return Ok(data);
        }
        Err(PgError::UnknownSnapshot(name.to_owned()))
    }

    pub(crate) fn check_new_snapshot(&self, name: &str) -> Result<(), PgError> {
        check_name("snapshot identifier", name)?;
        if self.layout.snapshot(name).exists() {
            return Err(PgError::SnapshotExists(name.to_owned()));
        }
        Ok(())
    }

    fn finish(&self, unfinished: &Path, name: &str) -> Result<(), PgError> {
        let finished = self.layout.snapshot(name);
        fs::rename(unfinished, &finished).map_err(PgError::io("renaming", unfinished))?;
        sync_directory(&finished)?;
        sync_directory(finished.parent().expect("a snapshot is in a directory"))
    }
}
