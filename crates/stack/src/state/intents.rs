//! Intents: what a run is about to make, written beside the state before the provider is asked. Of a
//! run that is killed between the provider's answer and the state's next version, the intent is all that
//! is left, and the next run asks the provider what became of it: `apply::intents`.
//!
//! ```text
//! intent ─▶ create ─▶ state ─▶ unmark ─▶ the intent is over
//! ```
//!
//! The file is there only while a run goes on, or after one that was killed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::file::{StateError, replace};

/// An object that is about to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intent {
    /// Of the resource's instance.
    pub address: String,
    /// As the state names it.
    pub provider: String,
    /// By which the provider finds what it has made, where nothing else tells.
    pub mark: String,
    /// What it was to be, as far as that was known.
    pub attributes: Box<RawValue>,
}

/// The intents that are not over.
#[derive(Debug, Default)]
pub struct Intents {
    path: PathBuf,
    open: Vec<Intent>,
    /// Whether the file has others than these.
    stale: bool,
}

impl Intents {
    /// Those beside a state, left by a run that was killed.
    ///
    /// # Errors
    /// That they cannot be read: what they tell of would be forgotten.
    pub fn beside(state: &Path) -> Result<Intents, StateError> {
        let mut path = state.as_os_str().to_owned();
        path.push(".intents");
        let path = PathBuf::from(path);
        let open = match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| StateError::Broken {
                path: path.clone(),
                why: error.to_string(),
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(StateError::Unreadable { path, source }),
        };
        Ok(Intents { path, open, stale: false })
    }

    pub fn open(&self) -> &[Intent] {
        &self.open
    }

    /// Notes an intent, on disk when this returns.
    pub fn add(&mut self, intent: Intent) -> Result<(), StateError> {
        self.open.retain(|open| open.address != intent.address);
        self.open.push(intent);
        self.write()
    }

    /// One is over. The file is told at once where `now`, and with the next intent otherwise: of an
    /// object that is in the state an intent does no harm.
    pub fn over(&mut self, address: &str, now: bool) -> Result<(), StateError> {
        let before = self.open.len();
        self.open.retain(|open| open.address != address);
        self.stale |= self.open.len() != before;
        if self.stale && (now || self.open.is_empty()) { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), StateError> {
        let done = if self.open.is_empty() {
            match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        } else {
            let text = serde_json::to_string(&self.open).expect("intents are what JSON has");
            replace(&self.path, &text, None)
        };
        self.stale = false;
        done.map_err(|source| StateError::Unwritable { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::raw;

    fn intent(address: &str) -> Intent {
        Intent {
            address: address.to_owned(),
            provider: "provider[\"x\"]".to_owned(),
            mark: "m".to_owned(),
            attributes: raw("{}".to_owned()),
        }
    }

    fn addresses(state: &Path) -> Vec<String> {
        let left = Intents::beside(state).unwrap();
        left.open().iter().map(|intent| intent.address.clone()).collect()
    }

    #[test]
    fn an_intent_is_on_disk_until_it_is_over() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("terraform.tfstate");
        let mut intents = Intents::beside(&state).unwrap();
        intents.add(intent("a.a")).unwrap();
        intents.add(intent("a.b")).unwrap();
        assert_eq!(addresses(&state), ["a.a", "a.b"]);
        intents.over("a.a", true).unwrap();
        assert_eq!(addresses(&state), ["a.b"]);
        intents.over("a.b", false).unwrap();
        assert!(directory.path().read_dir().unwrap().next().is_none(), "the file is gone");
    }
}
