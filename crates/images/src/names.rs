//! Which image a name stood for when it was last pulled or loaded.
//!
//! Kept so that a machine without a network still starts what it has, and so
//! that an image loaded by hand is found under its name. One small JSON file,
//! replaced as a whole; a tag of a repository of ours is not here but in the
//! store, with ECR.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use neargate_blobs::Digest;
use serde::{Deserialize, Serialize};

use crate::error::ImageError;
use crate::reference::ImageReference;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Of a manifest or an index.
    pub digest: Digest,
    /// Put there by hand: it is what the user wants, whatever a registry says.
    pub loaded: bool,
}

/// A handle to the names; clones share everything.
#[derive(Clone, Debug)]
pub struct Names {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    names: Mutex<BTreeMap<String, Named>>,
}

impl Names {
    /// Opens the file, which need not be there yet.
    pub fn open(path: impl Into<PathBuf>) -> Result<Names, ImageError> {
        let path = path.into();
        let doing = || format!("reading {}", path.display());
        let names = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| ImageError::io(doing())(io::Error::other(error)))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(ImageError::io(doing())(error)),
        };
        Ok(Names { shared: Arc::new(Shared { path, names: Mutex::new(names) }) })
    }

    pub fn get(&self, reference: &ImageReference) -> Option<Named> {
        self.lock().get(&reference.to_string()).cloned()
    }

    /// All of them, in order. Their blobs are live to garbage collection.
    pub fn list(&self) -> Vec<(String, Named)> {
        self.lock().iter().map(|(name, named)| (name.clone(), named.clone())).collect()
    }

    /// Records a name, durably. Blocks for a moment on the disk.
    pub fn set(&self, reference: &ImageReference, named: Named) -> Result<(), ImageError> {
        self.change(|names| {
            let name = reference.to_string();
            names.insert(name, named.clone()).as_ref() != Some(&named)
        })
        .map(|_| ())
    }

    /// Forgets a name; whether it was there.
    pub fn remove(&self, reference: &ImageReference) -> Result<bool, ImageError> {
        self.change(|names| names.remove(&reference.to_string()).is_some())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Named>> {
        self.shared.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Named>) -> bool,
    ) -> Result<bool, ImageError> {
        let mut names = self.lock();
        let mut next = names.clone();
        if !change(&mut next) {
            return Ok(false);
        }
        let path = &self.shared.path;
        write(path, &next).map_err(ImageError::io(format!("writing {}", path.display())))?;
        *names = next;
        Ok(true)
    }
}

fn write(path: &Path, names: &BTreeMap<String, Named>) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(&serde_json::to_vec_pretty(names)?)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(dir)?.sync_all()
}
