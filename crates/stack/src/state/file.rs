//! The state's file: read, and written whole or not at all.
//!
//! ```text
//! temporary file beside it ─▶ fsync ─▶ the old one kept as .backup ─▶ rename ─▶ fsync of the directory
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::intents::Intents;
use super::lock::Lock;
use super::{State, TERRAFORM_VERSION, json};

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("The state file {path} cannot be read: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "The state file {path} cannot be written: {source}. What was there before is untouched."
    )]
    Unwritable { path: PathBuf, source: io::Error },
    #[error(
        "The state file {path} is no state of Terraform's: {why}. Its backup is {path}.backup."
    )]
    Broken { path: PathBuf, why: String },
    #[error(
        "The state file {path} has the format version {version}, and only version 4 is known: \
         let Terraform 0.13 or newer write it once."
    )]
    OtherVersion { path: PathBuf, version: u64 },
}

impl State {
    /// The text of a state's file, to its last byte.
    pub fn to_text(&self) -> String {
        let compact = serde_json::to_string(self).expect("a state is made of what JSON has");
        let mut text = json::indent(&compact);
        text.push('\n');
        text
    }

    pub fn parse(text: &str, path: &Path) -> Result<State, StateError> {
        #[derive(serde::Deserialize)]
        struct Versioned {
            version: u64,
        }
        let broken =
            |e: serde_json::Error| StateError::Broken { path: path.to_owned(), why: e.to_string() };
        let Versioned { version } = serde_json::from_str(text).map_err(broken)?;
        if version != 4 {
            return Err(StateError::OtherVersion { path: path.to_owned(), version });
        }
        serde_json::from_str(text).map_err(broken)
    }
}

/// The state in a file; none if there is no file, or an empty one.
pub fn read(path: &Path) -> Result<Option<State>, StateError> {
    match fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => State::parse(&text, path).map(Some),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StateError::Unreadable { path: path.to_owned(), source }),
    }
}

/// A state's file, and what was in it when this run began: that is its backup.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    lock: Option<Lock>,
    before: Option<String>,
    /// What is in the file now.
    written: Option<String>,
    kept: bool,
    intents: Intents,
}

impl StateFile {
    /// For a run that changes the state: `lock` is held until this is dropped.
    pub fn new(path: &Path, lock: Option<Lock>) -> StateFile {
        let before = fs::read_to_string(path).ok().filter(|text| !text.is_empty());
        let written = before.clone();
        let intents = Intents::default();
        StateFile { path: path.to_owned(), lock, before, written, kept: false, intents }
    }

    /// For a run that makes objects: with the intents that an earlier one may have left.
    ///
    /// # Errors
    /// That they cannot be read.
    pub fn with_intents(mut self) -> Result<StateFile, StateError> {
        self.intents = Intents::beside(&self.path)?;
        Ok(self)
    }

    pub fn intents(&mut self) -> &mut Intents {
        &mut self.intents
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the state with the next serial number, where it is another than before.
    pub fn write(&mut self, state: &mut State) -> Result<(), StateError> {
        if self.written.as_ref().is_some_and(|text| *text == state.to_text()) {
            return Ok(());
        }
        state.serial += 1;
        state.terraform_version = TERRAFORM_VERSION.to_owned();
        let text = state.to_text();
        self.keep_backup()
            .and_then(|()| replace(&self.path, &text, self.lock.as_mut()))
            .map_err(|source| StateError::Unwritable { path: self.path.clone(), source })?;
        self.written = Some(text);
        Ok(())
    }

    /// Writes the state as it is, with its own serial number.
    pub fn write_as_it_is(&mut self, state: &State) -> Result<(), StateError> {
        let text = state.to_text();
        self.keep_backup()
            .and_then(|()| replace(&self.path, &text, self.lock.as_mut()))
            .map_err(|source| StateError::Unwritable { path: self.path.clone(), source })?;
        self.written = Some(text);
        Ok(())
    }

    /// Once in a run, as Terraform does: the backup is what was before all of it.
    fn keep_backup(&mut self) -> io::Result<()> {
        if let (Some(before), false) = (&self.before, self.kept) {
            let mut path = self.path.clone().into_os_string();
            path.push(".backup");
            replace(Path::new(&path), before, None)?;
        }
        self.kept = true;
        Ok(())
    }
}

/// Puts the text in the file's place at once: whoever reads sees the old or the new, and after a
/// loss of power there is one of the two.
pub(super) fn replace(path: &Path, text: &str, lock: Option<&mut Lock>) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = directory.join(format!(".{name}.{}.new", std::process::id()));
    let written = write_whole(&temporary, text, lock)
        .and_then(|()| fs::rename(&temporary, path))
        .and_then(|()| File::open(directory)?.sync_all());
    if written.is_err() {
        // The error that is told is the write's, whether or not its remains can be removed.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_whole(path: &Path, text: &str, lock: Option<&mut Lock>) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    match lock {
        Some(lock) => lock.carry_over(file),
        None => Ok(()),
    }
}
