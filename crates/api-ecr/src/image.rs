//! Images: how they are found by tag or digest, recorded, and taken away.

pub mod batch_delete;
pub mod batch_get;
pub mod describe;
pub mod list;
pub mod put;
pub mod record;
pub mod remove;

use std::sync::Arc;

use neargate_api::model::ecr::Image;
use neargate_api::types::ecr::{ImageFailure, ImageIdentifier, error};
use neargate_api::{AwsError, Ctx, Snapshot};

/// The image of a repository that `id` names: by its digest, its tag, or both at once.
pub fn find(
    snapshot: &Snapshot,
    region: &str,
    repository: &str,
    id: &ImageIdentifier,
) -> Option<Arc<Image>> {
    if let Some(digest) = &id.image_digest {
        let found = snapshot.get::<Image>(&Image::key_of(region, repository, digest))?;
        let tag_fits = id.image_tag.as_ref().is_none_or(|tag| found.tags.contains(tag));
        return tag_fits.then_some(found);
    }
    let tag = id.image_tag.as_ref()?;
    snapshot
        .scan::<Image>(&Image::key_of(region, repository, ""))
        .find(|image| image.tags.contains(tag))
}

/// The image that a request is about.
pub fn get(ctx: &Ctx, repository: &str, id: &ImageIdentifier) -> Result<Arc<Image>, AwsError> {
    find(&ctx.snapshot(), &ctx.region, repository, id).ok_or_else(|| {
        error::image_not_found_exception(format!(
            "The image with imageId {} does not exist within the repository with name '{repository}' in the registry with id '{}'",
            id_text(id),
            ctx.account()
        ))
    })
}

/// An identifier as it stands in AWS's messages.
pub fn id_text(id: &ImageIdentifier) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "null".into());
    format!("{{imageDigest:'{}', imageTag:'{}'}}", part(&id.image_digest), part(&id.image_tag))
}

/// Whether `id` names the image of this digest and these tags.
pub fn is(id: &ImageIdentifier, digest: &str, tags: &[String]) -> bool {
    id.image_digest.as_ref().is_none_or(|wanted| wanted == digest)
        && id.image_tag.as_ref().is_none_or(|wanted| tags.contains(wanted))
}

/// Whether an image passes the filter `tagStatus`.
pub fn has_status(wanted: Option<&str>, tagged: bool) -> bool {
    match wanted {
        Some("TAGGED") => tagged,
        Some("UNTAGGED") => !tagged,
        _ => true,
    }
}

/// Whether active images pass the filter `imageStatus`: all of ours are.
pub fn is_active(wanted: Option<&str>) -> bool {
    matches!(wanted, None | Some("ACTIVE" | "ANY"))
}

/// Why one identifier of a batch came to nothing.
pub fn failure(id: ImageIdentifier) -> ImageFailure {
    let (code, reason) = match (&id.image_digest, &id.image_tag) {
        (None, None) => (
            "MissingDigestAndTag",
            "Invalid request parameters: both tag and digest cannot be null",
        ),
        (Some(_), Some(_)) => {
            ("ImageTagDoesNotMatchDigest", "The tag and the digest do not name the same image")
        }
        _ => ("ImageNotFound", "Requested image not found"),
    };
    ImageFailure {
        failure_code: Some(code.into()),
        failure_reason: Some(reason.into()),
        image_id: Some(id),
    }
}
