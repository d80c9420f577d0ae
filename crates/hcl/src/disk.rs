//! `Outside` on the machine's own files. Time and chance are given to it.

use std::io;
use std::path::{Path, PathBuf};

use crate::scope::Outside;

pub struct Disk {
    pub directory: PathBuf,
    pub home: Option<String>,
    /// Seconds since 1970, where they are known.
    pub now: Option<i64>,
    pub planned_at: Option<i64>,
    /// Makes sixteen bytes by chance; None in a plan.
    pub random: Option<fn() -> [u8; 16]>,
}

/// `fileset` goes through no more files, so that `**` from the root of a disk ends.
const MAX_FILES: usize = 200_000;

impl Outside for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn is_file(&self, path: &Path) -> Option<bool> {
        std::fs::metadata(path).ok().map(|metadata| metadata.is_file())
    }

    fn files_below(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        let mut open = vec![(path.to_owned(), String::new())];
        while let Some((directory, prefix)) = open.pop() {
            // What cannot be read has no files for us, as for Terraform.
            let Ok(entries) = std::fs::read_dir(&directory) else { continue };
            for entry in entries {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let relative = format!("{prefix}{name}");
                let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
                let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                if metadata.is_file() {
                    files.push(relative);
                } else if metadata.is_dir() && !is_link {
                    open.push((entry.path(), format!("{relative}/")));
                }
                if files.len() + open.len() > MAX_FILES {
                    return Err(io::Error::other(format!("more than {MAX_FILES} files")));
                }
            }
        }
        Ok(files)
    }

    fn working_directory(&self) -> io::Result<String> {
        Ok(self.directory.to_string_lossy().into_owned())
    }

    fn home(&self) -> Option<String> {
        self.home.clone()
    }

    fn now(&self) -> Option<i64> {
        self.now
    }

    fn planned_at(&self) -> Option<i64> {
        self.planned_at
    }

    fn random(&self) -> Option<[u8; 16]> {
        self.random.map(|make| make())
    }
}
