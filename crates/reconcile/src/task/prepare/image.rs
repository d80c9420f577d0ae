//! A container's image. All tasks of a deployment run the same one: what its tag stands for is
//! looked up for the first of them, and noted in the deployment, unless the container's
//! `versionConsistency` is disabled. A tag that is pushed again changes nothing until the next
//! deployment.
//!
//! Source: "Container image resolution for Amazon ECS" in the developer guide.

use neargate_api::Ctx;
use neargate_api::model::ecs::{Service, Task};
use neargate_api::types::ecs::ContainerDefinition;
use neargate_images::{ImageReference, PreparedImage};

use super::secrets;
use crate::task::facts::{Facts, NotStarted};

/// Pulls the image and has it ready to be mounted.
pub async fn of(
    facts: &Facts,
    ctx: &Ctx,
    container: &ContainerDefinition,
) -> Result<PreparedImage, NotStarted> {
    let given = container.image.clone().unwrap_or_default();
    let credentials = secrets::registry_credentials(facts, ctx, container).await?;
    let pull =
        |reference: String| facts.hands.images.pull(ctx.clone(), reference, credentials.clone());
    let pinned = facts.task().and_then(|task| pinned(facts, &task, container));
    let wanted = pinned.map_or_else(|| given.clone(), |digest| at_digest(&given, &digest));
    let mut digest = pull(wanted).await.map_err(NotStarted::Failed)?.digest;
    if let Some(first) = pin(facts, container, digest.to_string()).await?
        && first != digest.to_string()
    {
        // Another task of the deployment was faster, and the tag moved in between.
        digest = pull(at_digest(&given, &first)).await.map_err(NotStarted::Failed)?.digest;
    }
    let prepared = facts.hands.unpacker.prepare(&digest).await;
    prepared.map_err(|error| NotStarted::Failed(error.stopped_reason()))
}

/// What tasks of this deployment have run so far.
fn pinned(facts: &Facts, task: &Task, container: &ContainerDefinition) -> Option<String> {
    let service = Service::key_of(&task.region, &task.cluster, task.service.as_ref()?);
    let service = facts.hands.cloud.store.snapshot().get::<Service>(&service)?;
    let of = service.deployments.iter().find(|d| Some(&d.id) == task.deployment.as_ref())?;
    of.images.get(container.name.as_ref()?).filter(|_| is_consistent(container)).cloned()
}

/// Notes the digest for all tasks of the deployment, unless there is one; answers with that.
async fn pin(
    facts: &Facts,
    container: &ContainerDefinition,
    digest: String,
) -> Result<Option<String>, NotStarted> {
    if !is_consistent(container) {
        return Ok(None);
    }
    let name = container.name.clone().unwrap_or_default();
    let pin = facts.change(move |change| change.pin_image(&name, &digest)).await?;
    Ok(pin)
}

fn is_consistent(container: &ContainerDefinition) -> bool {
    container.version_consistency.as_deref() != Some("disabled")
}

/// The same repository at this digest.
fn at_digest(image: &str, digest: &str) -> String {
    match image.parse::<ImageReference>() {
        Ok(reference) => format!("{}@{digest}", reference.name()),
        Err(_) => image.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_takes_the_place_of_the_tag() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let at = |image| at_digest(image, &digest).replace(&digest, "DIGEST");
        assert_eq!(at("nginx:1.27"), "docker.io/library/nginx@DIGEST");
        assert_eq!(at("localhost:4566/app"), "localhost:4566/app@DIGEST");
        assert_eq!(at("ghcr.io/a/b:1"), "ghcr.io/a/b@DIGEST");
    }
}
