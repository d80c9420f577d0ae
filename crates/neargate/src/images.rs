//! Images for tasks: those of our own repositories straight from the store, with
//! the rights of the execution role; all others from their registries, with a
//! line of progress.

use std::future::Future;
use std::pin::Pin;

use neargate_api::Ctx;
use neargate_api_ecr::{Pulls, repository_of, resolve};
use neargate_images::{ImageReference, Puller};
use neargate_reconcile::{ImageSource, PulledImage, RegistryCredentials};

pub struct Images {
    puller: Puller,
    pulls: Pulls,
}

impl Images {
    pub fn new(puller: Puller, pulls: Pulls) -> Self {
        Images { puller, pulls }
    }

    async fn pull_now(
        &self,
        ctx: &Ctx,
        image: &str,
        credentials: Option<RegistryCredentials>,
    ) -> Result<PulledImage, String> {
        let reference: ImageReference =
            image.parse().map_err(|error| format!("CannotPullContainerError: {error}"))?;
        if let Some(ours) = repository_of(&ctx.cloud, &ctx.region, &reference) {
            let resolved = resolve(ctx, &ours, &reference);
            let digest = resolved.map_err(|refused| refused.stopped_reason())?;
            self.pulls.note(&ours.region, &ours.repository);
            return Ok(PulledImage { digest });
        }
        let progress = |progress: &neargate_images::Progress| tracing::info!("{progress}");
        let credentials = credentials.map(|RegistryCredentials { username, password }| {
            neargate_images::RegistryCredentials { username, password }
        });
        let pulled = self.puller.pull(&reference, credentials, &progress).await;
        let pulled = pulled.map_err(|error| error.stopped_reason())?;
        if let Some(why) = pulled.stale {
            tracing::warn!(
                image,
                why,
                "the registry cannot be reached: taking what the name stood for last"
            );
        }
        Ok(PulledImage { digest: pulled.digest })
    }
}

impl ImageSource for Images {
    fn pull(
        &self,
        ctx: Ctx,
        image: String,
        credentials: Option<RegistryCredentials>,
    ) -> Pin<Box<dyn Future<Output = Result<PulledImage, String>> + Send + '_>> {
        Box::pin(async move { self.pull_now(&ctx, &image, credentials).await })
    }
}
