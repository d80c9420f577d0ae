//! Garbage collection: the caller says what is live, and what is neither live
//! nor young goes.
//!
//! The grace is for what is on its way to being referred to: a layer that was
//! pushed but whose manifest is still to come, a blob that a client was told it
//! need not push again ([`Blobs::touch`]), an upload between two chunks.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::digest::Digest;
use crate::store::{BlobError, Blobs, blocking, entries, present, sync_dir};
use crate::upload::UploadId;

/// What a collection took away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    pub blobs: Vec<Digest>,
    pub blob_bytes: u64,
    /// Abandoned uploads.
    pub uploads: Vec<String>,
    pub upload_bytes: u64,
}

impl Blobs {
    /// Deletes blobs that are not in `live` and were not claimed, and uploads
    /// that were not written to, within `grace` before `now` (the machine's
    /// own time, as the file system's is).
    pub async fn collect_garbage(
        &self,
        live: HashSet<Digest>,
        grace: Duration,
        now: SystemTime,
    ) -> Result<Collected, BlobError> {
        let this = self.clone();
        blocking(move || {
            let mut collected = Collected::default();
            for blob in this.list_now()? {
                if !live.contains(&blob.digest) {
                    this.collect_blob(&blob.digest, grace, now, &mut collected)?;
                }
            }
            this.collect_uploads(grace, now, &mut collected)?;
            Ok(collected)
        })
        .await
    }

    fn collect_blob(
        &self,
        digest: &Digest,
        grace: Duration,
        now: SystemTime,
        collected: &mut Collected,
    ) -> Result<(), BlobError> {
        let path = self.path(digest);
        let _names = self.lock_names();
        // Looked at again under the lock: it may have been claimed since.
        let Some(size) = old_size(&path, grace, now)? else { return Ok(()) };
        present(fs::remove_file(&path), &path)?;
        sync_dir(path.parent().expect("a blob's path has a directory"))?;
        collected.blobs.push(*digest);
        collected.blob_bytes += size;
        Ok(())
    }

    fn collect_uploads(
        &self,
        grace: Duration,
        now: SystemTime,
        collected: &mut Collected,
    ) -> Result<(), BlobError> {
        for path in entries(&self.uploads_dir())? {
            let Some(size) = old_size(&path, grace, now)? else { continue };
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            present(fs::remove_file(&path), &path)?;
            if let Ok(id) = UploadId::parse(name) {
                self.forget(&id);
            }
            collected.uploads.push(name.to_string());
            collected.upload_bytes += size;
        }
        Ok(())
    }
}

/// The size of a file that is older than the grace.
fn old_size(path: &Path, grace: Duration, now: SystemTime) -> Result<Option<u64>, BlobError> {
    let Some(metadata) = present(fs::metadata(path), path)? else { return Ok(None) };
    let modified =
        metadata.modified().map_err(BlobError::io(format!("reading {}", path.display())))?;
    let age = now.duration_since(modified).unwrap_or_default();
    Ok((age >= grace).then_some(metadata.len()))
}
