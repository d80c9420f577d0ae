//! The repositories as `neargate-registry` asks for them. One value serves one
//! request: whose token came, and so which region's repositories are meant, is
//! known once [`Repositories::authorize`] has read it.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use neargate_api::model::ecr::{Image, Layer, Repository};
use neargate_api::types::ecr::ImageIdentifier;
use neargate_api::{AwsError, Cloud, Ctx};
use neargate_blobs::Digest;
use neargate_images::media;
use neargate_registry::{
    Access, Action, Credentials, ManifestPut, ManifestRecord, ManifestReference, Referrer, Refusal,
    Repositories,
};

use crate::image::record::{self, Push};
use crate::image::remove::remove;
use crate::token::{self, BadToken};
use crate::{Pulls, access, image};

/// The repositories of whichever region the token of one request is for.
pub struct StoredRepositories {
    cloud: Arc<Cloud>,
    pulls: Pulls,
    request: OnceLock<Ctx>,
}

impl StoredRepositories {
    /// For one request.
    pub fn new(cloud: Arc<Cloud>, pulls: Pulls) -> Self {
        StoredRepositories { cloud, pulls, request: OnceLock::new() }
    }

    fn ctx(&self) -> Result<&Ctx, Refusal> {
        self.request.get().ok_or_else(Refusal::token_invalid)
    }

    fn repository(&self, name: &str) -> Result<Arc<Repository>, Refusal> {
        let ctx = self.ctx()?;
        let found = ctx.snapshot().get::<Repository>(&Repository::key_of(&ctx.region, name));
        found.ok_or_else(|| Refusal::name_unknown(name, ctx.account()))
    }

    fn find(
        &self,
        repository: &str,
        reference: &ManifestReference,
    ) -> Result<Option<Arc<Image>>, Refusal> {
        let ctx = self.ctx()?;
        Ok(image::find(&ctx.snapshot(), &ctx.region, repository, &identifier(reference)))
    }
}

fn identifier(reference: &ManifestReference) -> ImageIdentifier {
    match reference {
        ManifestReference::Tag(tag) => {
            ImageIdentifier { image_tag: Some(tag.clone()), image_digest: None }
        }
        ManifestReference::Digest(digest) => {
            ImageIdentifier { image_digest: Some(digest.to_string()), image_tag: None }
        }
    }
}

fn manifest(image: &Image) -> Result<ManifestRecord, Refusal> {
    let digest = image.digest.parse().map_err(|e| Refusal::internal(&e))?;
    Ok(ManifestRecord { digest, media_type: image.media_type.clone(), size: image.size })
}

/// An operation's error in the words of the distribution API.
fn refusal(error: AwsError, repository: &str, account: &str) -> Refusal {
    use neargate_registry::Code;
    match error.code.as_ref() {
        "RepositoryNotFoundException" => Refusal::name_unknown(repository, account),
        "ImageTagAlreadyExistsException" => Refusal::new(Code::TagInvalid, error.message),
        "LayersNotFoundException" | "ReferencedImagesNotFoundException" => {
            Refusal::new(Code::ManifestBlobUnknown, error.message)
        }
        "AccessDeniedException" => Refusal::denied(error.message),
        _ => Refusal::internal(&error.message),
    }
}

#[async_trait]
impl Repositories for StoredRepositories {
    async fn authorize(&self, credentials: &Credentials) -> Result<Access, Refusal> {
        let now = self.cloud.clock.now();
        let wall = self.cloud.clock.wall();
        let holder = token::open(&self.cloud.store.snapshot(), credentials, wall);
        let holder = holder.map_err(|bad| match bad {
            BadToken::Invalid => Refusal::token_invalid(),
            BadToken::Expired => Refusal::token_expired(),
        })?;
        let principal = holder.caller.arn(&self.cloud.account);
        let ctx = Ctx {
            cloud: self.cloud.clone(),
            caller: holder.caller,
            region: holder.region,
            request_id: self.cloud.rng.uuid(),
            now,
        };
        // A second authorization within one request is of the same headers.
        let _ = self.request.set(ctx);
        Ok(Access { principal })
    }

    async fn permit(&self, _: &Access, action: Action, repository: &str) -> Result<(), Refusal> {
        let found = self.repository(repository)?;
        let ctx = self.ctx()?;
        let actions: &[&str] = match action {
            Action::InitiateLayerUpload => {
                &["ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]
            }
            other => &[other.iam()],
        };
        for action in actions {
            access::check(ctx, action, &found)
                .map_err(|error| refusal(error, repository, ctx.account()))?;
        }
        Ok(())
    }

    async fn names(&self, _: &Access) -> Result<Vec<String>, Refusal> {
        let ctx = self.ctx()?;
        ctx.authorize("ecr:DescribeRepositories", "*")
            .map_err(|denied| Refusal::denied(denied.message))?;
        let snapshot = ctx.snapshot();
        let all = snapshot.scan::<Repository>(&Repository::key_of(&ctx.region, ""));
        Ok(all.map(|repository| repository.name.clone()).collect())
    }

    async fn tags(&self, repository: &str) -> Result<Vec<String>, Refusal> {
        let ctx = self.ctx()?;
        let images = Image::all_of(&ctx.snapshot(), &ctx.region, repository);
        Ok(images.iter().flat_map(|image| image.tags.iter().cloned()).collect())
    }

    async fn resolve(
        &self,
        repository: &str,
        reference: &ManifestReference,
    ) -> Result<Option<ManifestRecord>, Refusal> {
        self.find(repository, reference)?.map(|image| manifest(&image)).transpose()
    }

    async fn note_pull(&self, repository: &str, manifest: &ManifestRecord) {
        // Of an index its images are pulled.
        if let Some(ctx) = self.request.get()
            && !media::is_index(&manifest.media_type)
        {
            self.pulls.note(&ctx.region, repository);
        }
    }

    async fn put_manifest(&self, _: &Access, put: ManifestPut) -> Result<(), Refusal> {
        let ctx = self.ctx()?;
        let name = put.repository.clone();
        let image = Image {
            region: ctx.region.clone(),
            repository: put.repository,
            digest: put.digest.to_string(),
            media_type: put.media_type,
            size: put.size,
            tags: Default::default(),
            pushed_at: ctx.now,
            config: put.config.as_ref().map(record::part),
            layers: put.layers.iter().map(record::part).collect(),
            manifests: put.manifests.iter().map(|child| child.digest.to_string()).collect(),
            subject: put.subject.map(|digest| digest.to_string()),
            artifact_type: put.artifact_type,
            annotations: put.annotations,
        };
        let push = Push {
            region: ctx.region.clone(),
            account: ctx.account().to_owned(),
            repository: name.clone(),
            tag: put.tag,
            image,
        };
        let pushed = ctx.write(move |tx| record::push(tx, push)).await;
        pushed.map(|_| ()).map_err(|error| refusal(error, &name, ctx.account()))
    }

    async fn delete_manifest(
        &self,
        _: &Access,
        repository: &str,
        reference: &ManifestReference,
    ) -> Result<bool, Refusal> {
        let ctx = self.ctx()?;
        let (region, name, id) = (ctx.region.clone(), repository.to_owned(), identifier(reference));
        let removed = ctx.write(move |tx| Ok(remove(tx, &region, &name, id))).await;
        match removed.map_err(|error| refusal(error, repository, ctx.account()))? {
            Ok(_) => Ok(true),
            Err(failure) if failure.failure_code.as_deref() == Some("ImageNotFound") => Ok(false),
            Err(failure) => Err(Refusal::denied(failure.failure_reason.unwrap_or_default())),
        }
    }

    async fn referrers(
        &self,
        repository: &str,
        subject: &Digest,
    ) -> Result<Vec<Referrer>, Refusal> {
        let ctx = self.ctx()?;
        let subject = subject.to_string();
        let images = Image::all_of(&ctx.snapshot(), &ctx.region, repository);
        let about = images.iter().filter(|image| image.subject.as_ref() == Some(&subject));
        about
            .map(|image| {
                Ok(Referrer {
                    record: manifest(image)?,
                    artifact_type: image.artifact_type.clone(),
                    annotations: image.annotations.clone(),
                })
            })
            .collect()
    }

    async fn has_layer(&self, repository: &str, digest: &Digest) -> Result<bool, Refusal> {
        let ctx = self.ctx()?;
        let key = Layer::key_of(&ctx.region, repository, &digest.to_string());
        Ok(ctx.snapshot().contains::<Layer>(&key))
    }

    async fn add_layer(&self, repository: &str, digest: &Digest, size: u64) -> Result<(), Refusal> {
        let ctx = self.ctx()?;
        let layer = Layer {
            region: ctx.region.clone(),
            repository: repository.to_owned(),
            digest: digest.to_string(),
            size,
            added_at: ctx.now,
        };
        let (region, account, name) =
            (ctx.region.clone(), ctx.account().to_owned(), repository.to_owned());
        let added = ctx.write(move |tx| {
            crate::repository::find(tx.view(), &region, &account, &name)?;
            tx.put(layer);
            Ok(())
        });
        added.await.map_err(|error| refusal(error, repository, ctx.account()))
    }
}
