//! PutImage: a manifest whose layers were uploaded before, and a tag for it.

use bytes::Bytes;
use neargate_api::types::ecr::{Image, ImageIdentifier, PutImageRequest, PutImageResponse, error};
use neargate_api::{AwsError, Ctx};
use neargate_blobs::{Blobs, Digest};
use neargate_images::manifest;

use crate::image::record::{self, Push};
use crate::repository;

pub async fn call(
    blobs: Blobs,
    ctx: Ctx,
    input: PutImageRequest,
) -> Result<PutImageResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let text = input.image_manifest;
    let digest = Digest::of(text.as_bytes()).to_string();
    if input.image_digest.as_ref().is_some_and(|expected| *expected != digest) {
        return Err(error::image_digest_does_not_match_exception(format!(
            "The digest of the manifest is {digest}, not the one that was given"
        )));
    }
    let tag = input.image_tag;
    if tag.as_deref().is_some_and(|tag| !neargate_images::reference::is_tag(tag)) {
        return Err(repository::invalid("imageTag", "it must be a tag: up to 128 of A-Za-z0-9_.-"));
    }
    let parsed = manifest::parse(text.as_bytes(), input.image_manifest_media_type.as_deref())
        .map_err(|why| repository::invalid("imageManifest", &why.to_string()))?;
    let media_type = parsed.media_type.clone();
    let image = record::image_of(&ctx.region, &name, text.as_bytes(), parsed, ctx.now);
    for part in image.blobs().skip(1) {
        claim(&blobs, part).await?;
    }
    blobs.put(Bytes::from(text.clone())).await.map_err(not_stored)?;
    let push = Push {
        region: ctx.region.clone(),
        account: ctx.account().to_owned(),
        repository: name.clone(),
        tag: tag.clone(),
        image,
    };
    if !ctx.write(move |tx| record::push(tx, push)).await? {
        return Err(error::image_already_exists_exception(format!(
            "Image with digest '{digest}' and tag '{}' already exists in the repository with name '{name}' in registry with id '{}'",
            tag.as_deref().unwrap_or("null"),
            ctx.account()
        )));
    }
    Ok(PutImageResponse {
        image: Some(Image {
            image_id: Some(ImageIdentifier { image_digest: Some(digest), image_tag: tag }),
            image_manifest: Some(text),
            image_manifest_media_type: Some(media_type),
            registry_id: Some(ctx.account().to_owned()),
            repository_name: Some(name),
        }),
    })
}

/// Keeps a layer from garbage collection until the manifest is recorded.
async fn claim(blobs: &Blobs, digest: &str) -> Result<(), AwsError> {
    let digest: Digest =
        digest.parse().map_err(|_| repository::invalid("imageManifest", digest))?;
    blobs.touch(&digest).await.map_err(not_stored)?;
    Ok(())
}

fn not_stored(why: neargate_blobs::BlobError) -> AwsError {
    tracing::error!(%why, "a manifest could not be stored");
    error::server_exception("The manifest could not be stored; see Neargate's log.")
}
