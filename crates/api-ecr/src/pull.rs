//! An image of our own for a task: resolved straight from the store with the
//! rights of the task's execution role, never over HTTP.

use neargate_api::Ctx;
use neargate_api::model::ecr::Repository;
use neargate_api::types::ecr::ImageIdentifier;
use neargate_blobs::Digest;
use neargate_images::ImageReference;

use crate::address::Ours;
use crate::{access, image};

/// Why a task can't have an image: the rest of its stopped reason.
///
/// Source: "CannotPullContainer task errors in Amazon ECS" in the developer guide.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPulled {
    #[error("ecr:GetAuthorizationToken was refused: {0}")]
    NoToken(String),
    #[error(
        "pull image manifest has been retried 1 time(s): failed to resolve ref {reference}: unexpected status from HEAD request to {url}: 403 Forbidden ({why})"
    )]
    Forbidden { reference: String, url: String, why: String },
    #[error(
        "pull image manifest has been retried 1 time(s): failed to resolve ref {reference}: {reference}: not found"
    )]
    NotFound { reference: String },
}

impl NotPulled {
    /// The stopped reason of the task.
    pub fn stopped_reason(&self) -> String {
        match self {
            NotPulled::NoToken(why) => format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: {why}"
            ),
            other => format!("CannotPullContainerError: {other}"),
        }
    }
}

/// The digest that `reference`, which names `ours`, stands for now.
pub fn resolve(ctx: &Ctx, ours: &Ours, reference: &ImageReference) -> Result<Digest, NotPulled> {
    let ctx = Ctx { region: ours.region.clone(), ..ctx.clone() };
    ctx.authorize("ecr:GetAuthorizationToken", "*").map_err(|e| NotPulled::NoToken(e.message))?;
    let not_found = || NotPulled::NotFound { reference: reference.to_string() };
    let snapshot = ctx.snapshot();
    let repository = snapshot.get::<Repository>(&Repository::key_of(&ctx.region, &ours.repository));
    let repository = repository.ok_or_else(not_found)?;
    for action in ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] {
        access::check(&ctx, action, &repository).map_err(|denied| NotPulled::Forbidden {
            reference: reference.to_string(),
            url: format!(
                "http://{}/v2/{}/manifests/{}",
                reference.registry,
                ours.repository,
                reference.identifier()
            ),
            why: denied.message,
        })?;
    }
    let id = match &reference.digest {
        Some(digest) => ImageIdentifier { image_digest: Some(digest.to_string()), image_tag: None },
        None => ImageIdentifier { image_digest: None, image_tag: Some(reference.identifier()) },
    };
    let found = image::find(&snapshot, &ctx.region, &ours.repository, &id).ok_or_else(not_found)?;
    found.digest.parse().map_err(|_| not_found())
}
