//! A blob on its way in: a file under `uploads/`, and the hash of it so far.
//!
//! An upload is held by one writer at a time; a second waits. The hash lives in
//! memory and is taken again from the file after a restart. A writer that goes
//! away in the middle leaves whole chunks behind, and its upload resumable.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use ring::rand::SecureRandom;
use tokio::sync::OwnedMutexGuard;

use crate::digest::{Digest, Hasher};
use crate::store::{BlobError, Blobs, blocking, claim, present, sync_dir};

/// Bytes gathered before a thread writes and hashes them.
const BATCH: usize = 512 * 1024;

/// The name of an upload: 1 to 100 of `a-z0-9-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(String);

impl UploadId {
    /// A name of the caller's choosing, such as the digest that is expected.
    pub fn parse(text: &str) -> Result<Self, BlobError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() || text.len() > 100 || !text.bytes().all(fits) {
            return Err(BlobError::UploadUnknown(text.to_string()));
        }
        Ok(UploadId(text.to_string()))
    }

    /// A new name in the form of a UUID that begins with `prefix`, which takes
    /// the place of as many of its characters.
    fn random(prefix: &str) -> Result<Self, BlobError> {
        let mut bytes = [0; 16];
        ring::rand::SystemRandom::new().fill(&mut bytes).map_err(|_| BlobError::Io {
            doing: "naming an upload".into(),
            error: io::Error::other("the machine gave no random bytes"),
        })?;
        let hex = hex::encode(bytes);
        let uuid = format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        );
        let tail = uuid.get(prefix.len()..).unwrap_or_default();
        UploadId::parse(&format!("{prefix}{tail}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of an upload's file.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// Nothing until the file has been read.
    progress: Option<Progress>,
}

#[derive(Clone, Debug, Default)]
struct Progress {
    hasher: Hasher,
    size: u64,
}

/// A blob that is now in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    pub digest: Digest,
    pub size: u64,
}

/// An upload, held. Dropping it lets go of it without forgetting it; only
/// [`Upload::pause`] promises that all bytes written will be there.
#[derive(Debug)]
pub struct Upload {
    blobs: Blobs,
    id: UploadId,
    path: PathBuf,
    file: Arc<File>,
    session: Option<OwnedMutexGuard<Session>>,
    batch: Vec<Bytes>,
    batched: usize,
    written: u64,
}

impl Blobs {
    /// Begins an upload under a new random name.
    pub async fn begin(&self) -> Result<Upload, BlobError> {
        self.begin_under("").await
    }

    /// Begins an upload whose random name starts with `prefix` (at most 20
    /// characters), by which an owner knows its own.
    pub async fn begin_under(&self, prefix: &str) -> Result<Upload, BlobError> {
        self.begin_or_resume(&UploadId::random(prefix)?).await
    }

    /// Resumes the upload of that name, or begins it. Waits for a present holder.
    pub async fn begin_or_resume(&self, id: &UploadId) -> Result<Upload, BlobError> {
        self.hold(id, true).await
    }

    /// Resumes an upload, after a restart too. Waits for a present holder.
    pub async fn resume(&self, id: &UploadId) -> Result<Upload, BlobError> {
        self.hold(id, false).await
    }

    async fn hold(&self, id: &UploadId, create: bool) -> Result<Upload, BlobError> {
        let mut session = self.lock_session(id).await;
        let (this, id) = (self.clone(), id.clone());
        blocking(move || {
            let path = this.uploads_dir().join(id.as_str());
            let opened = OpenOptions::new().read(true).append(true).create(create).open(&path);
            let Some(mut file) = present(opened, &path)? else {
                this.forget(&id);
                return Err(BlobError::UploadUnknown(id.to_string()));
            };
            if create {
                sync_dir(&this.uploads_dir())?;
            }
            let progress = current_progress(&mut file, &path, session.progress.take())?;
            let written = progress.size;
            session.progress = Some(progress);
            let (file, session) = (Arc::new(file), Some(session));
            Ok(Upload { blobs: this, id, path, file, session, batch: vec![], batched: 0, written })
        })
        .await
    }

    /// Whoever waited for a holder that finished finds a forgotten session, and
    /// asks for the present one.
    async fn lock_session(&self, id: &UploadId) -> OwnedMutexGuard<Session> {
        loop {
            let asked = self.session(id);
            let held = asked.clone().lock_owned().await;
            if Arc::ptr_eq(&asked, &self.session(id)) {
                return held;
            }
        }
    }

    fn session(&self, id: &UploadId) -> Arc<tokio::sync::Mutex<Session>> {
        let mut sessions = self.shared.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.entry(id.clone()).or_default().clone()
    }

    pub(crate) fn forget(&self, id: &UploadId) {
        self.shared.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// What memory says of the file, when it agrees with the file; else the file read.
fn current_progress(
    file: &mut File,
    path: &Path,
    remembered: Option<Progress>,
) -> Result<Progress, BlobError> {
    let doing = || BlobError::io(format!("reading {}", path.display()));
    let size = file.metadata().map_err(doing())?.len();
    if let Some(progress) = remembered
        && progress.size == size
    {
        return Ok(progress);
    }
    let mut progress = Progress::default();
    let mut buffer = vec![0; BATCH.min(size as usize)];
    while progress.size < size {
        let read = file.read(&mut buffer).map_err(doing())?;
        if read == 0 {
            break;
        }
        progress.hasher.update(&buffer[..read]);
        progress.size += read as u64;
    }
    Ok(progress)
}

impl Upload {
    pub fn id(&self) -> &UploadId {
        &self.id
    }

    /// Bytes received so far: where the next chunk begins.
    pub fn size(&self) -> u64 {
        self.written + self.batched as u64
    }

    /// Refuses a chunk that does not begin where the last one ended.
    pub fn expect_at(&self, begins: u64) -> Result<(), BlobError> {
        if begins == self.size() {
            Ok(())
        } else {
            Err(BlobError::OutOfOrder { have: self.size(), begins })
        }
    }

    /// Adds bytes. They may wait in memory, up to half a megabyte.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        self.batched += bytes.len();
        self.batch.push(bytes);
        if self.batched >= BATCH { self.flush(false).await } else { Ok(()) }
    }

    /// Makes everything written so far durable and lets go: the upload can be
    /// resumed from exactly there. Its size.
    pub async fn pause(mut self) -> Result<u64, BlobError> {
        self.flush(true).await?;
        Ok(self.written)
    }

    /// Forgets the upload and its bytes.
    pub async fn cancel(mut self) -> Result<(), BlobError> {
        let session = self.session.take();
        blocking(move || {
            let removed = present(fs::remove_file(&self.path), &self.path);
            self.blobs.forget(&self.id);
            drop(session);
            removed.map(|_| ())
        })
        .await
    }

    /// Verifies, makes durable and visible. With the wrong digest the upload is
    /// forgotten: more bytes could not mend it.
    pub async fn finish(mut self, expected: Option<Digest>) -> Result<Committed, BlobError> {
        self.flush(true).await?;
        let session = self.session.take().expect("an upload at rest holds its session");
        let progress = session.progress.clone().expect("a held session knows its progress");
        let committed = Committed { digest: progress.hasher.finish(), size: progress.size };
        if let Some(expected) = expected
            && expected != committed.digest
        {
            self.session = Some(session);
            self.cancel().await?;
            return Err(BlobError::DigestMismatch { expected, actual: committed.digest });
        }
        blocking(move || {
            let placed = self.blobs.place(&self.path, &self.file, &committed.digest);
            self.blobs.forget(&self.id);
            drop(session);
            placed.map(|()| committed)
        })
        .await
    }

    /// Writes and hashes what is batched, in a blocking thread. Should this be
    /// dropped half-way, the thread finishes and the session stays true.
    async fn flush(&mut self, sync: bool) -> Result<(), BlobError> {
        let batch = std::mem::take(&mut self.batch);
        self.batched = 0;
        let mut session = self.session.take().ok_or_else(|| BlobError::Io {
            doing: format!("writing {}", self.path.display()),
            error: io::Error::other("an earlier write was abandoned"),
        })?;
        let (file, path) = (self.file.clone(), self.path.clone());
        let (session, result) = blocking(move || {
            let progress = session.progress.get_or_insert_default();
            let result = append(&file, progress, &batch, sync)
                .map_err(BlobError::io(format!("writing {}", path.display())));
            Ok((session, result))
        })
        .await?;
        self.written = session.progress.as_ref().map_or(0, |progress| progress.size);
        self.session = Some(session);
        result
    }
}

fn append(file: &File, progress: &mut Progress, batch: &[Bytes], sync: bool) -> io::Result<()> {
    let mut writer = file;
    for bytes in batch {
        if let Err(error) = writer.write_all(bytes) {
            // A part may have been written: the file goes back to what is hashed.
            file.set_len(progress.size)?;
            return Err(error);
        }
        progress.hasher.update(bytes);
        progress.size += bytes.len() as u64;
    }
    if sync { file.sync_data() } else { Ok(()) }
}

impl Blobs {
    /// Gives an upload's file, whose bytes are synced, its name among the blobs.
    fn place(&self, upload: &Path, file: &File, digest: &Digest) -> Result<(), BlobError> {
        let path = self.path(digest);
        let shard = path.parent().expect("a blob's path has a directory");
        let _names = self.lock_names();
        match fs::create_dir(shard) {
            Ok(()) => sync_dir(&self.names_dir())?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(BlobError::io(format!("creating {}", shard.display()))(error));
            }
        }
        claim(file, upload)?;
        fs::rename(upload, &path).map_err(BlobError::io(format!("naming {}", path.display())))?;
        sync_dir(shard)
    }
}
