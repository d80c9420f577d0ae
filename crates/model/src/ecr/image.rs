//! What is in a repository: images with their tags, and layers.

use std::collections::{BTreeMap, BTreeSet};

use neargate_ids::Timestamp;
use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

/// A blob that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub digest: String,
    pub media_type: String,
    /// In bytes, as stored.
    pub size: u64,
}

/// A manifest or an index in a repository. Its bytes are the blob of its digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Image {
    pub region: String,
    pub repository: String,
    pub digest: String,
    pub media_type: String,
    /// Of the manifest itself, in bytes.
    pub size: u64,
    pub tags: BTreeSet<String>,
    pub pushed_at: Timestamp,
    /// Of an image; nothing for an index.
    pub config: Option<Part>,
    /// Of an image, lowest first.
    pub layers: Vec<Part>,
    /// Of an index: the digests of its manifests.
    pub manifests: Vec<String>,
    pub subject: Option<String>,
    pub artifact_type: Option<String>,
    pub annotations: BTreeMap<String, String>,
}

impl Record for Image {
    const TABLE: &'static str = "ecr-images";

    fn key(&self) -> String {
        Image::key_of(&self.region, &self.repository, &self.digest)
    }
}

impl Image {
    pub fn key_of(region: &str, repository: &str, digest: &str) -> String {
        format!("{region}/{repository}@{digest}")
    }

    /// All images of a repository, by digest.
    pub fn all_of(
        snapshot: &Snapshot,
        region: &str,
        repository: &str,
    ) -> Vec<std::sync::Arc<Image>> {
        snapshot.scan::<Image>(&Image::key_of(region, repository, "")).collect()
    }

    /// `imageSizeInBytes`: the compressed layers together.
    pub fn layers_size(&self) -> u64 {
        self.layers.iter().map(|layer| layer.size).sum()
    }

    /// Every blob that lives as long as this image, itself included.
    pub fn blobs(&self) -> impl Iterator<Item = &str> {
        let parts = self.config.iter().chain(&self.layers).map(|part| part.digest.as_str());
        std::iter::once(self.digest.as_str()).chain(parts)
    }
}

/// A blob that was uploaded into a repository, or mounted there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Layer {
    pub region: String,
    pub repository: String,
    pub digest: String,
    pub size: u64,
    pub added_at: Timestamp,
}

impl Record for Layer {
    const TABLE: &'static str = "ecr-layers";

    fn key(&self) -> String {
        Layer::key_of(&self.region, &self.repository, &self.digest)
    }
}

impl Layer {
    pub fn key_of(region: &str, repository: &str, digest: &str) -> String {
        format!("{region}/{repository}@{digest}")
    }
}
