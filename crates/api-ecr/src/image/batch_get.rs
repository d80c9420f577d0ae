//! BatchGetImage: manifests, as they were pushed.

use neargate_api::types::ecr::{
    BatchGetImageRequest, BatchGetImageResponse, Image, ImageIdentifier, error,
};
use neargate_api::{AwsError, Ctx};
use neargate_blobs::Blobs;
use neargate_images::MANIFEST_LIMIT;

use crate::{Pulls, image, repository};

pub async fn call(
    blobs: Blobs,
    pulls: Pulls,
    ctx: Ctx,
    input: BatchGetImageRequest,
) -> Result<BatchGetImageResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let snapshot = ctx.snapshot();
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in input.image_ids {
        let Some(found) = image::find(&snapshot, &ctx.region, &name, &id) else {
            failures.push(image::failure(id));
            continue;
        };
        let manifest = manifest(&blobs, &found.digest).await?;
        pulls.note(&ctx.region, &name);
        images.push(Image {
            image_id: Some(ImageIdentifier {
                image_digest: Some(found.digest.clone()),
                image_tag: id.image_tag,
            }),
            image_manifest: Some(manifest),
            image_manifest_media_type: Some(found.media_type.clone()),
            registry_id: Some(ctx.account().to_owned()),
            repository_name: Some(name.clone()),
        });
    }
    Ok(BatchGetImageResponse { failures: Some(failures), images: Some(images) })
}

async fn manifest(blobs: &Blobs, digest: &str) -> Result<String, AwsError> {
    let broken = |why: String| {
        tracing::error!(digest, why, "a recorded manifest could not be read");
        error::server_exception("The manifest could not be read; see Neargate's log.")
    };
    let parsed = digest.parse().map_err(|e: neargate_blobs::DigestError| broken(e.to_string()))?;
    let read = blobs.read(&parsed, MANIFEST_LIMIT).await.map_err(|e| broken(e.to_string()))?;
    let bytes = read.ok_or_else(|| broken("it is not stored".into()))?;
    String::from_utf8(bytes.to_vec()).map_err(|e| broken(e.to_string()))
}
