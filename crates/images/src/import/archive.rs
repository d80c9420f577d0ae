//! Archives are read once, from front to back: every file in them becomes a
//! blob, and only then do their tables of contents say which were images.
//! What turns out to be nothing but packaging is garbage like any other.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use neargate_blobs::{Blobs, Committed, Digest};
use serde_json::json;
use tokio::runtime::Handle;

use super::{CHUNK, Imported, Saved, children, named, parse_index};
use crate::compression;
use crate::error::ImageError;
use crate::manifest::{Descriptor, MANIFEST_LIMIT};
use crate::media;

/// What an archive held, by path.
#[derive(Default)]
struct Contents {
    files: HashMap<PathBuf, Committed>,
    /// Older `docker save`s link equal layers.
    links: HashMap<PathBuf, PathBuf>,
}

pub async fn import(blobs: &Blobs, path: &Path) -> Result<Vec<Imported>, ImageError> {
    let contents = {
        let (blobs, path, runtime) = (blobs.clone(), path.to_path_buf(), Handle::current());
        let doing = format!("reading {}", path.display());
        let read = tokio::task::spawn_blocking(move || read(&blobs, &path, &runtime)).await;
        read.map_err(io::Error::other).flatten().map_err(ImageError::io(doing))?
    };
    if let Some(index) = text(blobs, &contents, "index.json").await? {
        let top = parse_index(&index)?;
        for descriptor in &top.manifests {
            require(blobs, descriptor).await?;
        }
        return Ok(named(&top));
    }
    match text(blobs, &contents, "manifest.json").await? {
        Some(table) => saved(blobs, &contents, &table).await,
        None => Err(ImageError::Io {
            doing: format!("reading {}", path.display()),
            error: io::Error::other("neither an index.json nor a manifest.json is in it"),
        }),
    }
}

fn read(blobs: &Blobs, path: &Path, runtime: &Handle) -> io::Result<Contents> {
    let mut contents = Contents::default();
    let mut archive = tar::Archive::new(compression::decoder(Arc::new(File::open(path)?))?);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = clean(&entry.path()?);
        let kind = entry.header().entry_type();
        if kind.is_file() {
            let committed = store(blobs, &mut entry, runtime)?;
            contents.files.insert(path, committed);
        } else if let (true, Some(target)) =
            (kind.is_symlink() || kind.is_hard_link(), entry.link_name()?)
        {
            let beside = if kind.is_symlink() { path.parent() } else { None };
            let target = clean(&beside.unwrap_or(Path::new("")).join(target));
            contents.links.insert(path, target);
        }
    }
    Ok(contents)
}

fn store(blobs: &Blobs, content: &mut impl Read, runtime: &Handle) -> io::Result<Committed> {
    let mut upload = runtime.block_on(blobs.begin()).map_err(io::Error::other)?;
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        content.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            break;
        }
        runtime.block_on(upload.write(Bytes::from(chunk))).map_err(io::Error::other)?;
    }
    runtime.block_on(upload.finish(None)).map_err(io::Error::other)
}

/// Only a key to look things up by: nothing is ever written at such a path.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => cleaned.push(name),
            Component::ParentDir => {
                cleaned.pop();
            }
            _ => {}
        }
    }
    cleaned
}

impl Contents {
    fn get(&self, path: &str) -> Option<Committed> {
        let mut path = clean(Path::new(path));
        for _ in 0..8 {
            if let Some(committed) = self.files.get(&path) {
                return Some(*committed);
            }
            path = self.links.get(&path)?.clone();
        }
        None
    }
}

async fn text(blobs: &Blobs, contents: &Contents, path: &str) -> Result<Option<Bytes>, ImageError> {
    match contents.get(path) {
        Some(committed) => Ok(blobs.read(&committed.digest, MANIFEST_LIMIT).await?),
        None => Ok(None),
    }
}

/// Everything was stored under its true digest; is all of the image there?
async fn require(blobs: &Blobs, descriptor: &Descriptor) -> Result<(), ImageError> {
    if blobs.touch(&descriptor.digest).await?.is_none() {
        return Err(ImageError::Missing(descriptor.digest));
    }
    for child in children(blobs, descriptor).await? {
        let there = blobs.size(&child.digest).await?.is_some();
        if there || !media::is_index(&descriptor.media_type) {
            Box::pin(require(blobs, &child)).await?;
        }
    }
    Ok(())
}

/// Images of `manifest.json` have no manifest of their own: they are given one.
async fn saved(
    blobs: &Blobs,
    contents: &Contents,
    table: &[u8],
) -> Result<Vec<Imported>, ImageError> {
    let malformed = |why: String| ImageError::Malformed { digest: Digest::of(table), why };
    let entries: Vec<Saved> =
        serde_json::from_slice(table).map_err(|error| malformed(error.to_string()))?;
    let mut imported = Vec::new();
    for entry in entries {
        let find = |path: &String| {
            contents.get(path).ok_or_else(|| malformed(format!("{path} is not in the archive")))
        };
        let descriptor = |media_type: &str, blob: Committed| json!({"mediaType": media_type, "digest": blob.digest, "size": blob.size});
        let layers = entry.layers.iter().map(&find).collect::<Result<Vec<_>, _>>()?;
        let layers = layers.into_iter().map(|layer| descriptor(media::OCI_LAYER, layer));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media::OCI_MANIFEST,
            "config": descriptor(media::OCI_CONFIG, find(&entry.config)?),
            "layers": layers.collect::<Vec<_>>(),
        });
        let digest = blobs.put(manifest.to_string().into()).await?;
        let tags = entry.repo_tags.unwrap_or_default();
        if tags.is_empty() {
            imported.push(Imported { name: None, digest });
        }
        let named = |tag: String| Imported { name: tag.parse().ok(), digest };
        imported.extend(tags.into_iter().map(named));
    }
    Ok(imported)
}
