//! The lock of a state's file: Terraform's own, so that neither program changes a state under the
//! other's hands.
//!
//! Two things make it: a record lock on the state's file, which the kernel lets go with its holder,
//! and a file beside it that tells others who holds it. Ours is a lock of the open file description,
//! which conflicts with the POSIX lock that Terraform takes, and which closing the file elsewhere in
//! this process does not let go. A state that takes the place of the locked one is locked before
//! anybody can see it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use neargate_ids::{Clock, Rng};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use serde::{Deserialize, Serialize};

use super::TERRAFORM_VERSION;

/// Who holds a lock, as Terraform writes it down.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LockInfo {
    #[serde(rename = "ID")]
    pub id: String,
    pub operation: String,
    pub info: String,
    pub who: String,
    pub version: String,
    pub created: String,
    pub path: String,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "Error acquiring the state lock: {} is locked by {} since {} ({}, lock ID {}). Wait until \
         that run has ended.",
        .0.path, .0.who, .0.created, .0.operation, .0.id
    )]
    Held(Box<LockInfo>),
    #[error("Error acquiring the state lock: another process holds {0}. Wait until it has ended.")]
    HeldByUnknown(PathBuf),
    #[error("Error acquiring the state lock: {path}: {source}")]
    Failed { path: PathBuf, source: io::Error },
}

/// Held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    // The lock goes with the file.
    held: File,
    state: PathBuf,
    info: PathBuf,
    made: bool,
}

/// Locks the state at `path` for an operation such as `OperationTypeApply`.
pub fn acquire(path: &Path, operation: &str, clock: &Clock, rng: &Rng) -> Result<Lock, LockError> {
    let failed = |source: io::Error| LockError::Failed { path: path.to_owned(), source };
    let made = !path.exists();
    let state = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(failed)?;
    let info_path = info_path(path);
    if let Err(error) = lock(&state) {
        return Err(match error {
            Errno::EAGAIN | Errno::EACCES => held(path, &info_path),
            other => failed(other.into()),
        });
    }
    let info = LockInfo {
        id: rng.uuid(),
        operation: operation.to_owned(),
        info: String::new(),
        who: who(),
        version: TERRAFORM_VERSION.to_owned(),
        created: clock.wall().iso8601(),
        path: path.display().to_string(),
    };
    let text = serde_json::to_string(&info).expect("texts are JSON");
    fs::write(&info_path, text).map_err(failed)?;
    Ok(Lock { held: state, state: path.to_owned(), info: info_path, made })
}

impl Lock {
    /// Locks the file that is about to take the state's place.
    pub(super) fn carry_over(&mut self, next: File) -> io::Result<()> {
        lock(&next)?;
        self.held = next;
        Ok(())
    }
}

/// Takes the whole of the file for this open file description, or says who is before us.
fn lock(file: &File) -> Result<(), Errno> {
    let whole = nix::libc::flock {
        l_type: nix::libc::F_WRLCK as i16,
        l_whence: nix::libc::SEEK_SET as i16,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(file, FcntlArg::F_OFD_SETLK(&whole)).map(|_| ())
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock file that stays is no lock: what holds is the kernel's.
        let _ = fs::remove_file(&self.info);
        // The file was made to be locked; if nothing was written, nothing is left.
        if self.made && fs::metadata(&self.state).is_ok_and(|state| state.len() == 0) {
            let _ = fs::remove_file(&self.state);
        }
    }
}

fn held(path: &Path, info: &Path) -> LockError {
    match read(info) {
        Some(info) => LockError::Held(Box::new(info)),
        None => LockError::HeldByUnknown(path.to_owned()),
    }
}

fn read(info: &Path) -> Option<LockInfo> {
    serde_json::from_str(&fs::read_to_string(info).ok()?).ok()
}

/// `.terraform.tfstate.lock.info` beside `terraform.tfstate`.
fn info_path(state: &Path) -> PathBuf {
    let name = state.file_name().unwrap_or_default().to_string_lossy();
    state.with_file_name(format!(".{name}.lock.info"))
}

/// Who runs this, as Terraform tells it.
fn who() -> String {
    let user = std::env::var("USER").unwrap_or_else(|_| "neargate".to_owned());
    let host = nix::unistd::gethostname().unwrap_or_default();
    format!("{user}@{}", host.to_string_lossy())
}
