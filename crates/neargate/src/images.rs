//! Images of registries elsewhere, pulled for tasks with a line of progress.

use std::future::Future;
use std::pin::Pin;

use neargate_api::Ctx;
use neargate_images::{ImageReference, Puller};
use neargate_reconcile::{ImageSource, PulledImage};

pub struct Elsewhere {
    puller: Puller,
}

impl Elsewhere {
    pub fn new(puller: Puller) -> Self {
        Elsewhere { puller }
    }

    async fn pull_now(&self, image: &str) -> Result<PulledImage, String> {
        let reference: ImageReference =
            image.parse().map_err(|error| format!("CannotPullContainerError: {error}"))?;
        let progress = |progress: &neargate_images::Progress| tracing::info!("{progress}");
        let pulled = self.puller.pull(&reference, None, &progress).await;
        pulled
            .map(|pulled| PulledImage { digest: pulled.digest })
            .map_err(|error| error.stopped_reason())
    }
}

impl ImageSource for Elsewhere {
    fn pull(
        &self,
        _: Ctx,
        image: String,
    ) -> Pin<Box<dyn Future<Output = Result<PulledImage, String>> + Send + '_>> {
        Box::pin(async move { self.pull_now(&image).await })
    }
}
