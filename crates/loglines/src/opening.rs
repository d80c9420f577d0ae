//! How the directory is found again: one at a time, every segment back in its
//! stream, and a sequence that is beyond every one ever used.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::error::OpenError;
use crate::segment::Segment;

/// Sequences begin with the number of the opening in their upper bits, so that
/// they grow over restarts without reading all that was written.
const OPENING_SHIFT: u32 = 40;

pub(crate) struct Opened {
    pub catalog: Catalog,
    pub next_sequence: u64,
    /// Keeps others out for as long as it is open.
    pub lock: File,
}

/// Opens `directory`, which is made when it is not there.
pub(crate) fn open(directory: &Path) -> Result<Opened, OpenError> {
    let fail = |source: io::Error| OpenError::Io { path: directory.to_owned(), source };
    std::fs::create_dir_all(directory).map_err(fail)?;
    let lock = File::create(directory.join("lock")).map_err(fail)?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse(directory.to_owned()),
        TryLockError::Error(source) => fail(source),
    })?;
    let opening = count_opening(directory).map_err(fail)?;
    let catalog = load(directory)?;
    Ok(Opened { catalog, next_sequence: opening << OPENING_SHIFT, lock })
}

/// One more than at the last opening, durably.
fn count_opening(directory: &Path) -> io::Result<u64> {
    let path = directory.join("openings");
    let last = match std::fs::read_to_string(&path) {
        Ok(text) => text.trim().parse::<u64>().map_err(io::Error::other)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    let temporary = directory.join("openings.tmp");
    let mut file = File::create(&temporary)?;
    io::Write::write_all(&mut file, format!("{}\n", last + 1).as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&temporary, &path)?;
    sync_directory(directory)?;
    Ok(last + 1)
}

fn load(directory: &Path) -> Result<Catalog, OpenError> {
    let mut catalog = Catalog::default();
    for path in segment_paths(directory)
        .map_err(|source| OpenError::Io { path: directory.to_owned(), source })?
    {
        let loaded = Segment::load(&path).map_err(|source| OpenError::Io { path, source })?;
        if let Some((name, segment)) = loaded {
            catalog.stream_mut(&name).segments.push(segment);
        }
    }
    Ok(catalog)
}

/// In the order of their first sequences, which their names are.
fn segment_paths(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Makes the names of new files last, and the absence of removed ones.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
