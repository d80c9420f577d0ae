//! Where things lie, and who may read them. Everything that a server opens
//! belongs to the user that it runs as; the rest is the daemon's.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use crate::error::PgError;
use crate::launch::User;

#[derive(Clone, Debug)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub fn open(root: &Path) -> Result<Self, PgError> {
        let layout = Self::at(root);
        for name in ["ca", "templates", "instances", "snapshots"] {
            let directory = root.join(name);
            fs::create_dir_all(&directory).map_err(PgError::io("making", &directory))?;
        }
        set_mode(&layout.ca(), 0o700)?;
        Ok(layout)
    }

    /// Of a root that has been opened.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub fn ca(&self) -> PathBuf {
        self.root.join("ca")
    }

    pub fn template(&self, version: &str) -> PathBuf {
        self.root.join("templates").join(version)
    }

    pub fn instance(&self, id: &str) -> PathBuf {
        self.root.join("instances").join(id)
    }

    pub fn data(&self, id: &str) -> PathBuf {
        self.instance(id).join("data")
    }

    /// There once the roles and the database have been made.
    pub fn made(&self, id: &str) -> PathBuf {
        self.instance(id).join("made")
    }

    pub fn snapshot(&self, name: &str) -> PathBuf {
        self.root.join("snapshots").join(name)
    }

    pub fn instances(&self) -> Result<Vec<String>, PgError> {
        list(&self.root.join("instances"))
    }

    pub fn snapshots(&self) -> Result<Vec<String>, PgError> {
        list(&self.root.join("snapshots"))
    }
}

fn list(directory: &Path) -> Result<Vec<String>, PgError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(PgError::io("listing", directory))? {
        let entry = entry.map_err(PgError::io("listing", directory))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // What begins with a dot was being made when the machine stopped.
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A new directory of the server's user, for it alone.
pub(crate) fn make_private(directory: &Path, user: User) -> Result<(), PgError> {
    match fs::create_dir(directory) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
            return Err(PgError::io("making", directory)(e));
        }
        _ => {}
    }
    set_mode(directory, 0o700)?;
    give(directory, user)
}

/// Writes a file for the server, whole or not at all. Returns whether it was
/// different before.
pub(crate) fn write_for(path: &Path, text: &str, user: User) -> Result<bool, PgError> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(false);
    }
    let new = path.with_extension("new");
    fs::write(&new, text).map_err(PgError::io("writing", &new))?;
    set_mode(&new, 0o600)?;
    give(&new, user)?;
    fs::rename(&new, path).map_err(PgError::io("writing", path))?;
    Ok(true)
}

pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<(), PgError> {
    let permissions = fs::Permissions::from_mode(mode);
    fs::set_permissions(path, permissions).map_err(PgError::io("setting the mode of", path))
}

pub(crate) fn give(path: &Path, user: User) -> Result<(), PgError> {
    chown(path, Some(user.uid), Some(user.gid)).map_err(PgError::io("giving away", path))
}

pub(crate) fn remove_all(directory: &Path) -> Result<(), PgError> {
    match fs::remove_dir_all(directory) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(PgError::io("removing", directory)(e)),
        _ => Ok(()),
    }
}

/// Makes names durable: a rename or a new file is, once its directory is.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), PgError> {
    let file = fs::File::open(directory).map_err(PgError::io("opening", directory))?;
    file.sync_all().map_err(PgError::io("syncing", directory))
}
