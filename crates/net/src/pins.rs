//! Where namespaces are pinned: `<netns_dir>/vpc/<id>` and `<netns_dir>/eni/<id>`.
//! The directory is the list of what exists: there is no other record.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::NetError;

#[derive(Clone, Debug)]
pub(crate) struct Pins {
    root: PathBuf,
}

impl Pins {
    /// Makes the directories if they are not there.
    pub fn open(root: &Path) -> Result<Self, NetError> {
        let pins = Self { root: root.to_owned() };
        for directory in [pins.vpc_dir(), pins.eni_dir()] {
            fs::create_dir_all(&directory)
                .map_err(|e| NetError::io(format!("making {}", directory.display()), e))?;
        }
        Ok(pins)
    }

    pub fn vpc(&self, id: &str) -> PathBuf {
        self.vpc_dir().join(id)
    }

    pub fn eni(&self, id: &str) -> PathBuf {
        self.eni_dir().join(id)
    }

    pub fn vpcs(&self) -> Result<Vec<String>, NetError> {
        list(&self.vpc_dir())
    }

    pub fn enis(&self) -> Result<Vec<String>, NetError> {
        list(&self.eni_dir())
    }

    /// Removes the directories, which must be empty by now.
    pub fn remove(&self) -> Result<(), NetError> {
        for directory in [self.vpc_dir(), self.eni_dir(), self.root.clone()] {
            match fs::remove_dir(&directory) {
                Err(e) if e.kind() != ErrorKind::NotFound => {
                    return Err(NetError::io(format!("removing {}", directory.display()), e));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn vpc_dir(&self) -> PathBuf {
        self.root.join("vpc")
    }

    fn eni_dir(&self) -> PathBuf {
        self.root.join("eni")
    }
}

fn list(directory: &Path) -> Result<Vec<String>, NetError> {
    let failed = |e| NetError::io(format!("listing {}", directory.display()), e);
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(vec![]),
        Err(e) => return Err(failed(e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
