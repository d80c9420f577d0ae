//! Recording a pushed manifest, whichever way it came: what PutImage and the
//! distribution API's PUT have in common.

use neargate_api::model::ecr::{Image, Layer, Part};
use neargate_api::types::ecr::{ImageIdentifier, error};
use neargate_api::{AwsError, Timestamp, Tx};
use neargate_blobs::Digest;
use neargate_images::{Descriptor, Document, Parsed, media};

use crate::{image, repository};

/// A manifest that is to be recorded; its blob is stored.
pub struct Push {
    pub region: String,
    pub account: String,
    pub repository: String,
    pub tag: Option<String>,
    pub image: Image,
}

/// The record of a parsed manifest, without tags.
pub fn image_of(
    region: &str,
    repository: &str,
    bytes: &[u8],
    parsed: Parsed,
    now: Timestamp,
) -> Image {
    let (subject, artifact_type) =
        (parsed.subject().map(|s| s.digest.to_string()), parsed.artifact_type());
    let (artifact_type, annotations) = (artifact_type.map(str::to_owned), parsed.annotations());
    let (config, layers, manifests) = match parsed.document {
        Document::Manifest(manifest) => {
            (Some(part(&manifest.config)), manifest.layers.iter().map(part).collect(), Vec::new())
        }
        Document::Index(index) => {
            let manifests = index.manifests.iter().map(|child| child.digest.to_string());
            (None, Vec::new(), manifests.collect())
        }
    };
    Image {
        region: region.to_owned(),
        repository: repository.to_owned(),
        digest: Digest::of(bytes).to_string(),
        media_type: parsed.media_type,
        size: bytes.len() as u64,
        tags: Default::default(),
        pushed_at: now,
        config,
        layers,
        manifests,
        subject,
        artifact_type,
        annotations,
    }
}

pub fn part(descriptor: &Descriptor) -> Part {
    Part {
        digest: descriptor.digest.to_string(),
        media_type: descriptor.media_type.clone(),
        size: descriptor.size,
    }
}

/// Records it and moves its tag to it. Whether anything changed: the same
/// manifest under the same tag is there already.
pub fn push(tx: &mut Tx, push: Push) -> Result<bool, AwsError> {
    let Push { region, account, repository: name, tag, image } = push;
    let repository = repository::find(tx.view(), &region, &account, &name)?;
    require_parts(tx, &account, &image)?;
    let key = Image::key_of(&region, &name, &image.digest);
    let before = tx.get::<Image>(&key);
    let mut record = before.as_deref().cloned().unwrap_or(image);
    let Some(tag) = tag else {
        tx.put(record);
        return Ok(before.is_none());
    };
    if record.tags.contains(&tag) {
        return Ok(false);
    }
    let id = ImageIdentifier { image_tag: Some(tag.clone()), ..Default::default() };
    if let Some(holder) = image::find(tx.view(), &region, &name, &id) {
        if !repository.may_move(&tag) {
            return Err(error::image_tag_already_exists_exception(format!(
                "The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the repository is immutable."
            )));
        }
        let held = Image::key_of(&region, &name, &holder.digest);
        tx.update::<Image>(&held, |image| {
            image.tags.remove(&tag);
        });
    }
    record.tags.insert(tag);
    tx.put(record);
    Ok(true)
}

/// What the manifest names must be in the repository.
fn require_parts(tx: &Tx, account: &str, image: &Image) -> Result<(), AwsError> {
    let name = &image.repository;
    let ours = |part: &&Part| !media::is_foreign_layer(&part.media_type);
    let missing = |digest: &str| !tx.contains::<Layer>(&Layer::key_of(&image.region, name, digest));
    let parts = image.config.iter().chain(image.layers.iter().filter(ours));
    let layers: Vec<&str> = parts.map(|part| part.digest.as_str()).filter(|d| missing(d)).collect();
    if !layers.is_empty() {
        return Err(error::layers_not_found_exception(format!(
            "Layers with digests '[{}]' required for pushing image into repository with name '{name}' in the registry with id '{account}' do not exist",
            layers.join(", ")
        )));
    }
    let absent =
        |digest: &&String| !tx.contains::<Image>(&Image::key_of(&image.region, name, digest));
    let images: Vec<&str> = image.manifests.iter().filter(absent).map(String::as_str).collect();
    if !images.is_empty() {
        return Err(error::referenced_images_not_found_exception(format!(
            "Images with digests '[{}]' required for pushing image into repository with name '{name}' in the registry with id '{account}' do not exist",
            images.join(", ")
        )));
    }
    Ok(())
}
