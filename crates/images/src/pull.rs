//! Pulling from other registries into the blob store.
//!
//! ```text
//! reference ─ HEAD manifest ─▶ digest ─ GET manifest(s) ─▶ config, layers
//!     │  loaded by hand, or the registry can't be reached:      │ three at a time,
//!     └─ what the name stood for last                           ▼ resumed where they broke
//! ```
//!
//! What is in the store already does not travel again; two pulls of one layer
//! fetch it once. Retries are for what may pass (connections, 5xx, 429); a
//! registry that answers no is believed.

mod auth;
mod fetch;
mod patience;
mod progress;
mod proxy;
mod registry;
mod transport;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use neargate_blobs::{Blobs, Digest};

pub use self::auth::RegistryCredentials;
pub use self::progress::Progress;
use self::progress::Reporter;
pub use self::proxy::Proxies;
use self::registry::{Failure, Registry};
use self::transport::Transport;
use crate::error::ImageError;
use crate::load;
use crate::manifest::{self, Descriptor, Document, MANIFEST_LIMIT};
use crate::media;
use crate::names::{Named, Names};
use crate::platform::{self, Platform};
use crate::reference::ImageReference;

/// Blobs of one image that are fetched at a time, as docker does.
const CONCURRENCY: usize = 3;

/// What a puller is told once.
#[derive(Clone, Debug, Default)]
pub struct PullerConfig {
    /// Asked before the registry itself: `docker.io` → `http://127.0.0.1:5000`.
    pub mirrors: BTreeMap<String, String>,
    /// How registries on other machines are reached.
    pub proxies: Proxies,
}

/// An image that is in the store, whole, for this machine's platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// What the reference stands for: an index's digest or a manifest's. ECS
    /// shows it as `imageDigest`.
    pub digest: Digest,
    /// The registry could not be reached, and this is what the name stood for
    /// last; why it could not.
    pub stale: Option<String>,
}

/// Pulls images. Clones share everything.
#[derive(Clone)]
pub struct Puller {
    blobs: Blobs,
    names: Names,
    config: Arc<PullerConfig>,
    transport: Transport,
}

impl Puller {
    pub fn new(blobs: Blobs, names: Names, config: PullerConfig) -> Result<Puller, ImageError> {
        let transport =
            Transport::new(config.proxies.clone()).map_err(ImageError::io("preparing TLS"))?;
        Ok(Puller { blobs, names, config: Arc::new(config), transport })
    }

    /// Pulls an image for this machine's platform. `progress` hears of every
    /// step and of every megabyte or so.
    pub async fn pull(
        &self,
        reference: &ImageReference,
        credentials: Option<RegistryCredentials>,
        progress: &(dyn Fn(&Progress) + Send + Sync),
    ) -> Result<Pulled, ImageError> {
        if let Some(digest) = self.known(reference).await? {
            return Ok(Pulled { digest, stale: None });
        }
        match self.pull_anew(reference, credentials, progress).await {
            Ok(digest) => {
                self.record(reference, digest).await?;
                Ok(Pulled { digest, stale: None })
            }
            Err((error, unreachable)) => match self.names.get(reference) {
                Some(named) if unreachable && self.is_whole(&named.digest).await? => {
                    Ok(Pulled { digest: named.digest, stale: Some(error.to_string()) })
                }
                _ => Err(error),
            },
        }
    }

    async fn record(&self, reference: &ImageReference, digest: Digest) -> Result<(), ImageError> {
        let (names, reference) = (self.names.clone(), reference.clone());
        let record = move || names.set(&reference, Named { digest, loaded: false });
        let recorded = tokio::task::spawn_blocking(record).await;
        recorded
            .map_err(|error| ImageError::io("recording a name")(std::io::Error::other(error)))?
    }

    /// What needs no registry: a digest that is stored, or an image loaded by hand.
    async fn known(&self, reference: &ImageReference) -> Result<Option<Digest>, ImageError> {
        let loaded = self.names.get(reference).filter(|named| named.loaded);
        let candidate = reference.digest.or(loaded.map(|named| named.digest));
        match candidate {
            Some(digest) if self.is_whole(&digest).await? => Ok(Some(digest)),
            _ => Ok(None),
        }
    }

    /// Whether every blob for this platform is stored.
    async fn is_whole(&self, digest: &Digest) -> Result<bool, ImageError> {
        let image = match load::image(&self.blobs, digest, &Platform::host()).await {
            Ok(image) => image,
            Err(ImageError::Missing(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let parts = image.manifest.layers.iter().map(|layer| layer.digest);
        let parts = parts.chain([*digest, image.digest, image.manifest.config.digest]);
        for part in parts.collect::<Vec<_>>() {
            if self.blobs.touch(&part).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The error comes with whether it was for want of a registry.
    async fn pull_anew(
        &self,
        reference: &ImageReference,
        credentials: Option<RegistryCredentials>,
        progress: &(dyn Fn(&Progress) + Send + Sync),
    ) -> Result<Digest, (ImageError, bool)> {
        let reporter = Reporter::new(reference.to_string(), progress);
        let (registry, top) = self.resolve(reference, credentials).await?;
        let believed = |error| (error, false);
        let manifest = self.manifests(&registry, reference, &top).await?;
        let mut parts = vec![manifest.config];
        parts.extend(manifest.layers);
        reporter.begin(&parts);
        futures_util::stream::iter(parts)
            .map(|part| self.blob(&registry, part, &reporter).boxed())
            .buffer_unordered(CONCURRENCY)
            .try_collect::<Vec<()>>()
            .await
            .map_err(believed)?;
        reporter.finish();
        Ok(top.digest)
    }

    /// Finds where the reference is, at the mirror or at its registry, and what
    /// it stands for.
    async fn resolve(
        &self,
        reference: &ImageReference,
        credentials: Option<RegistryCredentials>,
    ) -> Result<(Registry, Descriptor), (ImageError, bool)> {
        let mut at_mirror = String::new();
        if let Some(url) = self.config.mirrors.get(&reference.registry) {
            let mirror = Registry::mirror(self.transport.clone(), url, reference);
            match mirror.resolve_patiently(reference).await {
                Ok(top) => return Ok((mirror, top)),
                Err((failure, _)) => at_mirror = format!(" (mirror {url}: {failure})"),
            }
        }
        let registry = Registry::origin(self.transport.clone(), reference, credentials);
        match registry.resolve_patiently(reference).await {
            Ok(top) => Ok((registry, top)),
            Err((failure, retried)) => {
                let why = format!("{failure}{at_mirror}");
                let error = ImageError::Resolve { retried, reference: reference.to_string(), why };
                Err((error, failure.is_passing()))
            }
        }
    }

    /// Fetches the manifest, by way of an index if there is one.
    async fn manifests(
        &self,
        registry: &Registry,
        reference: &ImageReference,
        top: &Descriptor,
    ) -> Result<manifest::Manifest, (ImageError, bool)> {
        let mut wanted = top.clone();
        let host = Platform::host();
        for _ in 0..4 {
            let parsed = self.document(registry, reference, &wanted).await?;
            match parsed.document {
                Document::Manifest(manifest) => return Ok(manifest),
                Document::Index(index) => {
                    let chosen = platform::choose(&index.manifests, &host).cloned();
                    let none = (ImageError::Platform { wanted: host.clone() }, false);
                    wanted = chosen.ok_or(none)?;
                }
            }
        }
        let why = "indexes are nested too deeply".to_string();
        Err((ImageError::Malformed { digest: wanted.digest, why }, false))
    }

    async fn document(
        &self,
        registry: &Registry,
        reference: &ImageReference,
        wanted: &Descriptor,
    ) -> Result<manifest::Parsed, (ImageError, bool)> {
        let believed = |error| (error, false);
        let stored = self.blobs.read(&wanted.digest, MANIFEST_LIMIT).await;
        let bytes = match stored.map_err(ImageError::from).map_err(believed)? {
            Some(bytes) => {
                let claimed = self.blobs.touch(&wanted.digest).await;
                claimed.map_err(ImageError::from).map_err(believed)?;
                bytes
            }
            None => {
                let fetched = registry.manifest_patiently(&wanted.digest).await;
                let bytes = fetched.map_err(|(failure, retried)| {
                    let (why, reference) = (failure.to_string(), reference.to_string());
                    (ImageError::Resolve { retried, reference, why }, failure.is_passing())
                })?;
                let stored = self.blobs.put(bytes.clone()).await;
                stored.map_err(ImageError::from).map_err(believed)?;
                bytes
            }
        };
        let media_type = Some(wanted.media_type.as_str()).filter(|text| !text.is_empty());
        let parsed = manifest::parse(&bytes, media_type);
        parsed.map_err(ImageError::malformed(wanted.digest)).map_err(believed)
    }

    async fn blob(
        &self,
        registry: &Registry,
        part: Descriptor,
        reporter: &Reporter<'_>,
    ) -> Result<(), ImageError> {
        if media::is_foreign_layer(&part.media_type) {
            let why = "the layer is not distributable, and its registry does not have it".into();
            return Err(ImageError::Malformed { digest: part.digest, why });
        }
        let fetched = fetch::blob_patiently(&self.blobs, registry, &part, reporter).await;
        fetched.map_err(|(failure, retried)| match failure {
            Failure::Store(error) => ImageError::Blobs(error),
            failure => ImageError::Copy { retried, why: failure.to_string() },
        })?;
        reporter.done();
        Ok(())
    }
}
