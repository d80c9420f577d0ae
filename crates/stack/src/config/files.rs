//! The files of a configuration: on the disk, or as they were read before.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

/// Where a configuration is read from.
pub struct Files {
    /// What was read so far; of kept ones, all.
    pub texts: BTreeMap<PathBuf, String>,
    on_disk: bool,
}

impl Files {
    pub fn on_disk() -> Files {
        Files { texts: BTreeMap::new(), on_disk: true }
    }

    pub fn kept(texts: BTreeMap<PathBuf, String>) -> Files {
        Files { texts, on_disk: false }
    }

    pub fn is_directory(&self, path: &Path) -> bool {
        if self.on_disk { path.is_dir() } else { self.within(path).next().is_some() }
    }

    /// The `.tf` files of a directory, in the order of their names.
    pub fn of(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        if !self.on_disk {
            return Ok(self.within(directory).cloned().collect());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let ignored = name.starts_with('.') || name.ends_with('~') || name.starts_with('#');
            if name.ends_with(".tf") && !ignored && path.is_file() {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    pub fn text(&mut self, path: &Path) -> io::Result<String> {
        let normal = normal(path);
        if let (Some(text), false) = (self.texts.get(&normal), self.on_disk) {
            return Ok(text.clone());
        }
        let text = fs::read_to_string(path)?;
        self.texts.insert(normal, text.clone());
        Ok(text)
    }

    fn within(&self, directory: &Path) -> impl Iterator<Item = &PathBuf> {
        let directory = normal(directory);
        self.texts.keys().filter(move |path| path.parent() == Some(directory.as_path()))
    }
}

/// Without `.` and `..`, as far as the path alone tells.
pub fn normal(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if matches!(found.components().next_back(), Some(Component::Normal(_))) {
                    found.pop();
                } else {
                    found.push("..");
                }
            }
            other => found.push(other),
        }
    }
    found
}
