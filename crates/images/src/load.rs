//! From a digest in the blob store to one image's manifest and configuration.

use std::collections::HashSet;

use neargate_blobs::{Blobs, Digest};

use crate::config::ConfigFile;
use crate::error::ImageError;
use crate::manifest::{self, Document, MANIFEST_LIMIT, Manifest, Parsed};
use crate::platform::{self, Platform};

/// Indexes within indexes are allowed by OCI; nobody needs more than this.
const MAX_DEPTH: u32 = 4;

/// One image for one platform, whose manifest and configuration are stored.
#[derive(Clone, Debug)]
pub struct Image {
    /// The manifest's, not the index's that led to it.
    pub digest: Digest,
    pub manifest: Manifest,
    pub config: ConfigFile,
}

/// Reads a stored manifest or index.
pub async fn document(blobs: &Blobs, digest: &Digest) -> Result<Parsed, ImageError> {
    let bytes = blobs.read(digest, MANIFEST_LIMIT).await?.ok_or(ImageError::Missing(*digest))?;
    manifest::parse(&bytes, None).map_err(ImageError::malformed(*digest))
}

/// Every blob that a stored manifest or index needs, itself and all that is
/// stored of its platforms included: what must live while the image does.
pub async fn reachable(blobs: &Blobs, digest: &Digest) -> Result<HashSet<Digest>, ImageError> {
    let mut found = HashSet::new();
    let mut left = vec![*digest];
    while let Some(digest) = left.pop() {
        if !found.insert(digest) {
            continue;
        }
        let parsed = document(blobs, &digest).await?;
        let is_index = matches!(parsed.document, Document::Index(_));
        for child in parsed.children() {
            if !is_index {
                found.insert(child.digest);
            } else if blobs.size(&child.digest).await?.is_some() {
                left.push(child.digest);
            }
        }
    }
    Ok(found)
}

/// Follows indexes from `digest` to the manifest that runs on `host`.
pub async fn image(blobs: &Blobs, digest: &Digest, host: &Platform) -> Result<Image, ImageError> {
    let mut digest = *digest;
    for _ in 0..MAX_DEPTH {
        match document(blobs, &digest).await?.document {
            Document::Index(index) => {
                let chosen = platform::choose(&index.manifests, host);
                digest = chosen.ok_or(ImageError::Platform { wanted: host.clone() })?.digest;
            }
            Document::Manifest(manifest) => return finish(blobs, digest, manifest, host).await,
        }
    }
    Err(ImageError::Malformed { digest, why: "indexes are nested too deeply".into() })
}

async fn finish(
    blobs: &Blobs,
    digest: Digest,
    manifest: Manifest,
    host: &Platform,
) -> Result<Image, ImageError> {
    let config_digest = manifest.config.digest;
    let bytes = blobs
        .read(&config_digest, MANIFEST_LIMIT)
        .await?
        .ok_or(ImageError::Missing(config_digest))?;
    let malformed = |why: String| ImageError::Malformed { digest: config_digest, why };
    let config = ConfigFile::parse(&bytes).map_err(|error| malformed(error.to_string()))?;
    if config.platform().is_some_and(|built_for| !built_for.runs_on(host)) {
        return Err(ImageError::Platform { wanted: host.clone() });
    }
    let (layers, diff_ids) = (manifest.layers.len(), config.diff_ids().len());
    if layers != diff_ids {
        let why = format!("number of layers and diffIDs don't match: {layers} != {diff_ids}");
        return Err(malformed(why));
    }
    Ok(Image { digest, manifest, config })
}
