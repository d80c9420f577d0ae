//! Images that are already on this machine: an OCI layout directory, or an
//! archive of one, or what `docker save` wrote in any of its ages.
//!
//! Sources: OCI image-spec `image-layout.md`; Docker's image spec v1.2 for
//! `manifest.json`. Every blob is verified on its way in.

mod archive;

use std::path::Path;

use neargate_blobs::{Blobs, Digest};
use serde::Deserialize;
use tokio::io::AsyncReadExt;

use crate::error::ImageError;
use crate::manifest::{self, Descriptor, Document, Index, MANIFEST_LIMIT};
use crate::media;
use crate::reference::ImageReference;

/// Bytes read at a time.
const CHUNK: usize = 512 * 1024;

/// An image that is now in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What the source calls it, if it says.
    pub name: Option<ImageReference>,
    /// Of its manifest or index.
    pub digest: Digest,
}

/// Takes the images of an OCI layout directory or of an archive file, which
/// may be compressed.
pub async fn import(blobs: &Blobs, path: &Path) -> Result<Vec<Imported>, ImageError> {
    let doing = || format!("reading {}", path.display());
    let metadata = tokio::fs::metadata(path).await.map_err(ImageError::io(doing()))?;
    if metadata.is_dir() { layout(blobs, path).await } else { archive::import(blobs, path).await }
}

async fn layout(blobs: &Blobs, dir: &Path) -> Result<Vec<Imported>, ImageError> {
    let index = dir.join("index.json");
    let bytes = tokio::fs::read(&index)
        .await
        .map_err(ImageError::io(format!("reading {}", index.display())))?;
    let top = parse_index(&bytes)?;
    for descriptor in &top.manifests {
        fetch(blobs, dir, descriptor).await?;
    }
    Ok(named(&top))
}

/// `index.json`, which need not say its media type.
fn parse_index(bytes: &[u8]) -> Result<Index, ImageError> {
    let parsed = manifest::parse(bytes, None).map_err(ImageError::malformed(Digest::of(bytes)))?;
    match parsed.document {
        Document::Index(index) => Ok(index),
        Document::Manifest(_) => Err(ImageError::Malformed {
            digest: Digest::of(bytes),
            why: "index.json is a manifest, not an index".into(),
        }),
    }
}

fn named(top: &Index) -> Vec<Imported> {
    let image =
        |descriptor: &Descriptor| Imported { name: name_of(descriptor), digest: descriptor.digest };
    top.manifests.iter().map(image).collect()
}

/// containerd's annotation has a full name. OCI's has whatever the builder
/// liked: a name, or a mere tag, which names nothing.
fn name_of(descriptor: &Descriptor) -> Option<ImageReference> {
    let annotation = |key: &str| descriptor.annotations.get(key);
    if let Some(full) = annotation("io.containerd.image.name") {
        return full.parse().ok();
    }
    let name = annotation("org.opencontainers.image.ref.name")?;
    if name.contains([':', '/']) { name.parse().ok() } else { None }
}

/// Copies a blob of a layout and all that it refers to. Of an index, images
/// that are not in the layout are left out, as tools leave out platforms.
async fn fetch(blobs: &Blobs, dir: &Path, descriptor: &Descriptor) -> Result<(), ImageError> {
    copy(blobs, dir, &descriptor.digest).await?;
    for child in children(blobs, descriptor).await? {
        let there = tokio::fs::try_exists(blob_path(dir, &child.digest)).await.unwrap_or(false);
        if there || !media::is_index(&descriptor.media_type) {
            Box::pin(fetch(blobs, dir, &child)).await?;
        }
    }
    Ok(())
}

/// What a stored manifest or index refers to; nothing for any other blob.
async fn children(blobs: &Blobs, descriptor: &Descriptor) -> Result<Vec<Descriptor>, ImageError> {
    let digest = descriptor.digest;
    let media_type = descriptor.media_type.as_str();
    if !media::is_index(media_type) && !media::is_manifest(media_type) {
        return Ok(Vec::new());
    }
    let bytes = blobs.read(&digest, MANIFEST_LIMIT).await?.ok_or(ImageError::Missing(digest))?;
    let parsed =
        manifest::parse(&bytes, Some(media_type)).map_err(ImageError::malformed(digest))?;
    Ok(parsed.children().into_iter().cloned().collect())
}

fn blob_path(dir: &Path, digest: &Digest) -> std::path::PathBuf {
    dir.join("blobs/sha256").join(digest.hex())
}

async fn copy(blobs: &Blobs, dir: &Path, digest: &Digest) -> Result<(), ImageError> {
    if blobs.touch(digest).await?.is_some() {
        return Ok(());
    }
    let path = blob_path(dir, digest);
    let doing = || format!("reading {}", path.display());
    let mut file = tokio::fs::File::open(&path).await.map_err(ImageError::io(doing()))?;
    let mut upload = blobs.begin().await?;
    loop {
        let mut chunk = bytes::BytesMut::with_capacity(CHUNK);
        if file.read_buf(&mut chunk).await.map_err(ImageError::io(doing()))? == 0 {
            break;
        }
        upload.write(chunk.freeze()).await?;
    }
    upload.finish(Some(*digest)).await?;
    Ok(())
}

/// One entry of `docker save`'s `manifest.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}
