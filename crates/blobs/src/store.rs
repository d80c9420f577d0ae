//! The directory itself: opening it, looking a blob up, listing and deleting.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;

use crate::digest::Digest;
use crate::read::Reader;
use crate::upload::{Session, UploadId};

/// What the store can refuse or fail at.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The bytes are not what they were said to be.
    #[error("the bytes have the digest {actual}, and {expected} was expected")]
    DigestMismatch { expected: Digest, actual: Digest },
    /// No such upload: never begun, finished, cancelled or too old.
    #[error("no upload {0}")]
    UploadUnknown(String),
    /// A chunk does not begin where the last one ended.
    #[error("the upload has {have} bytes, and the chunk begins at {begins}")]
    OutOfOrder { have: u64, begins: u64 },
    /// A small blob was asked for, and this one is not.
    #[error("{digest} has {size} bytes, more than the {limit} that are allowed here")]
    TooLarge { digest: Digest, size: u64, limit: u64 },
    #[error("{doing}: {error}")]
    Io { doing: String, error: io::Error },
}

impl BlobError {
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> BlobError {
        let doing = doing.into();
        move |error| BlobError::Io { doing, error }
    }
}

/// A blob in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobInfo {
    pub digest: Digest,
    pub size: u64,
    /// When it was stored, or last claimed by [`Blobs::touch`].
    pub claimed: SystemTime,
}

/// A handle to the store; clones are cheap and share everything.
#[derive(Clone, Debug)]
pub struct Blobs {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    root: PathBuf,
    /// Uploads that this process has seen: the hash so far need not be read again.
    pub(crate) sessions: Mutex<HashMap<UploadId, Arc<tokio::sync::Mutex<Session>>>>,
    /// Held while a name appears, is claimed anew or goes, so that garbage
    /// collection never takes a blob between the look at its age and the unlink.
    names: Mutex<()>,
}

impl Blobs {
    /// Opens the store under `root`, creating what is absent.
    pub fn open(root: impl Into<PathBuf>) -> Result<Blobs, BlobError> {
        let root = root.into();
        for dir in [root.join("sha256"), root.join("uploads")] {
            fs::create_dir_all(&dir)
                .map_err(BlobError::io(format!("creating {}", dir.display())))?;
        }
        sync_dir(&root)?;
        let shared = Shared { root, sessions: Mutex::default(), names: Mutex::default() };
        Ok(Blobs { shared: Arc::new(shared) })
    }

    /// Where a blob is, whether or not it is there.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.shared.root.join("sha256").join(&hex[..2]).join(&hex)
    }

    pub(crate) fn uploads_dir(&self) -> PathBuf {
        self.shared.root.join("uploads")
    }

    pub(crate) fn names_dir(&self) -> PathBuf {
        self.shared.root.join("sha256")
    }

    pub(crate) fn lock_names(&self) -> MutexGuard<'_, ()> {
        self.shared.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its size in bytes, or nothing when it is not there.
    pub async fn size(&self, digest: &Digest) -> Result<Option<u64>, BlobError> {
        let path = self.path(digest);
        blocking(move || present(fs::metadata(&path), &path).map(|m| m.map(|m| m.len()))).await
    }

    /// Claims a blob that somebody is about to refer to: its age starts again,
    /// so that garbage collection leaves it for another grace. Its size, or
    /// nothing when it is not there.
    pub async fn touch(&self, digest: &Digest) -> Result<Option<u64>, BlobError> {
        let (this, path) = (self.clone(), self.path(digest));
        blocking(move || {
            let _names = this.lock_names();
            let Some(file) = present(File::open(&path), &path)? else { return Ok(None) };
            claim(&file, &path)?;
            let metadata = file.metadata();
            Ok(present(metadata, &path)?.map(|m| m.len()))
        })
        .await
    }

    /// Opens a blob for reading. The bytes stay readable though it be deleted.
    pub async fn reader(&self, digest: &Digest) -> Result<Option<Reader>, BlobError> {
        let path = self.path(digest);
        blocking(move || {
            let Some(file) = present(File::open(&path), &path)? else { return Ok(None) };
            let size = file
                .metadata()
                .map_err(BlobError::io(format!("reading {}", path.display())))?
                .len();
            Ok(Some(Reader::new(file, size)))
        })
        .await
    }

    /// A whole blob of at most `limit` bytes: manifests and configurations.
    pub async fn read(&self, digest: &Digest, limit: u64) -> Result<Option<Bytes>, BlobError> {
        let (digest, path) = (*digest, self.path(digest));
        blocking(move || {
            let Some(metadata) = present(fs::metadata(&path), &path)? else { return Ok(None) };
            let size = metadata.len();
            if size > limit {
                return Err(BlobError::TooLarge { digest, size, limit });
            }
            Ok(present(fs::read(&path), &path)?.map(Bytes::from))
        })
        .await
    }

    /// Stores bytes that are at hand, durably.
    pub async fn put(&self, bytes: Bytes) -> Result<Digest, BlobError> {
        let digest = Digest::of(&bytes);
        if self.touch(&digest).await?.is_some() {
            return Ok(digest);
        }
        let mut upload = self.begin().await?;
        upload.write(bytes).await?;
        Ok(upload.finish(Some(digest)).await?.digest)
    }

    /// Takes a blob's name away; whether it was there.
    pub async fn delete(&self, digest: &Digest) -> Result<bool, BlobError> {
        let (this, path) = (self.clone(), self.path(digest));
        blocking(move || {
            let _names = this.lock_names();
            if present(fs::remove_file(&path), &path)?.is_none() {
                return Ok(false);
            }
            sync_dir(path.parent().expect("a blob's path has a directory"))?;
            Ok(true)
        })
        .await
    }

    /// All blobs, by digest.
    pub async fn list(&self) -> Result<Vec<BlobInfo>, BlobError> {
        let this = self.clone();
        blocking(move || this.list_now()).await
    }

    /// What all blobs take together, in bytes; uploads in flight not counted.
    pub async fn total_size(&self) -> Result<u64, BlobError> {
        Ok(self.list().await?.iter().map(|blob| blob.size).sum())
    }

    pub(crate) fn list_now(&self) -> Result<Vec<BlobInfo>, BlobError> {
        let mut found = Vec::new();
        for shard in entries(&self.names_dir())? {
            for path in entries(&shard)? {
                let Some(digest) = digest_of_path(&path) else { continue };
                let Some(metadata) = present(fs::metadata(&path), &path)? else { continue };
                let claimed = metadata
                    .modified()
                    .map_err(BlobError::io(format!("reading {}", path.display())))?;
                found.push(BlobInfo { digest, size: metadata.len(), claimed });
            }
        }
        found.sort_by_key(|blob| blob.digest);
        Ok(found)
    }
}

fn digest_of_path(path: &Path) -> Option<Digest> {
    format!("sha256:{}", path.file_name()?.to_str()?).parse().ok()
}

/// The entries of a directory; none when it is not there.
pub(crate) fn entries(dir: &Path) -> Result<Vec<PathBuf>, BlobError> {
    let Some(read) = present(fs::read_dir(dir), dir)? else { return Ok(Vec::new()) };
    let doing = || BlobError::io(format!("listing {}", dir.display()));
    read.map(|entry| entry.map(|e| e.path()).map_err(doing())).collect()
}

/// Turns "not found" into nothing.
pub(crate) fn present<T>(result: io::Result<T>, path: &Path) -> Result<Option<T>, BlobError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(BlobError::Io { doing: format!("opening {}", path.display()), error }),
    }
}

/// Starts a blob's age again.
pub(crate) fn claim(file: &File, path: &Path) -> Result<(), BlobError> {
    #[allow(
        clippy::disallowed_methods,
        reason = "compared with file times, which are the kernel's"
    )]
    let now = SystemTime::now();
    file.set_modified(now).map_err(BlobError::io(format!("claiming {}", path.display())))
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), BlobError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(BlobError::io(format!("syncing {}", dir.display())))
}

/// Runs work that waits on the disk away from the async workers.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(BlobError::Io {
            doing: "working on the disk".into(),
            error: io::Error::other(error),
        }),
    }
}
