//! What the registry asks of whoever keeps the repositories.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_blobs::Digest;
use neargate_images::Descriptor;

use crate::auth::Credentials;
use crate::refusal::Refusal;

/// Who is asking, as [`Repositories::authorize`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The ARN of the principal for whom the token was made.
    pub principal: String,
}

/// What is asked for, in ECR's IAM actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    BatchCheckLayerAvailability,
    BatchDeleteImage,
    BatchGetImage,
    GetDownloadUrlForLayer,
    ListImages,
    PutImage,
    /// Beginning an upload; the same right covers its parts and its end
    /// (`ecr:UploadLayerPart`, `ecr:CompleteLayerUpload`).
    InitiateLayerUpload,
}

impl Action {
    /// `ecr:PutImage`
    pub fn iam(self) -> &'static str {
        match self {
            Action::BatchCheckLayerAvailability => "ecr:BatchCheckLayerAvailability",
            Action::BatchDeleteImage => "ecr:BatchDeleteImage",
            Action::BatchGetImage => "ecr:BatchGetImage",
            Action::GetDownloadUrlForLayer => "ecr:GetDownloadUrlForLayer",
            Action::ListImages => "ecr:ListImages",
            Action::PutImage => "ecr:PutImage",
            Action::InitiateLayerUpload => "ecr:InitiateLayerUpload",
        }
    }
}

/// A manifest by its tag or its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManifestReference {
    Tag(String),
    Digest(Digest),
}

impl ManifestReference {
    /// Nothing when the text can be neither.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains(':') {
            return text.parse().ok().map(ManifestReference::Digest);
        }
        let tag = neargate_images::reference::is_tag(text);
        tag.then(|| ManifestReference::Tag(text.to_string()))
    }
}

/// A manifest that a repository has. Its bytes are the blob of its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestRecord {
    pub digest: Digest,
    pub media_type: String,
    /// Of the manifest itself, in bytes.
    pub size: u64,
}

/// A manifest that was pushed and checked: its blob is stored, and everything
/// that it refers to is in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestPut {
    pub repository: String,
    pub digest: Digest,
    pub media_type: String,
    /// Of the manifest itself, in bytes.
    pub size: u64,
    /// Nothing when it was pushed by digest.
    pub tag: Option<String>,
    /// Of an image; nothing for an index.
    pub config: Option<Descriptor>,
    /// Of an image, lowest first; foreign layers included.
    pub layers: Vec<Descriptor>,
    /// The manifests of an index.
    pub manifests: Vec<Descriptor>,
    pub subject: Option<Digest>,
    pub artifact_type: Option<String>,
    pub annotations: BTreeMap<String, String>,
}

impl ManifestPut {
    /// What ECR calls `imageSizeInBytes`: the compressed layers together.
    pub fn layers_size(&self) -> u64 {
        self.layers.iter().map(|layer| layer.size).sum()
    }

    /// Every blob that must live as long as this manifest does, itself included.
    pub fn blobs(&self) -> Vec<Digest> {
        let parts = self.config.iter().chain(&self.layers).map(|part| part.digest);
        std::iter::once(self.digest).chain(parts).collect()
    }
}

/// A manifest that has another one as its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    pub record: ManifestRecord,
    pub artifact_type: Option<String>,
    pub annotations: BTreeMap<String, String>,
}

/// The repositories of one registry. Every refusal is answered as it is.
#[async_trait]
pub trait Repositories: Send + Sync + 'static {
    /// Checks the token that came as a password.
    async fn authorize(&self, credentials: &Credentials) -> Result<Access, Refusal>;

    /// Refuses when there is no such repository ([`Refusal::name_unknown`]) or
    /// when the principal may not ([`Refusal::denied`]).
    async fn permit(
        &self,
        access: &Access,
        action: Action,
        repository: &str,
    ) -> Result<(), Refusal>;

    /// The names of all repositories that the principal may see, in order.
    async fn names(&self, access: &Access) -> Result<Vec<String>, Refusal>;

    /// All tags of a repository, in any order.
    async fn tags(&self, repository: &str) -> Result<Vec<String>, Refusal>;

    /// Which manifest the reference names now.
    async fn resolve(
        &self,
        repository: &str,
        reference: &ManifestReference,
    ) -> Result<Option<ManifestRecord>, Refusal>;

    /// A manifest is given to a client.
    async fn note_pull(&self, repository: &str, manifest: &ManifestRecord);

    /// Records a manifest and moves its tag to it, in one durable step. Refuses
    /// when the tag may not move ([`Refusal::tag_immutable`]).
    async fn put_manifest(&self, access: &Access, put: ManifestPut) -> Result<(), Refusal>;

    /// By digest: the manifest and all its tags. By tag: the tag, and the
    /// manifest when that was its last one, as BatchDeleteImage. Whether there
    /// was such a one.
    async fn delete_manifest(
        &self,
        access: &Access,
        repository: &str,
        reference: &ManifestReference,
    ) -> Result<bool, Refusal>;

    /// The manifests of the repository whose subject is `subject`.
    async fn referrers(&self, repository: &str, subject: &Digest)
    -> Result<Vec<Referrer>, Refusal>;

    /// Whether the blob was uploaded or mounted into this repository. What is
    /// in another repository is not to be seen from here.
    async fn has_layer(&self, repository: &str, digest: &Digest) -> Result<bool, Refusal>;

    /// Records that a blob, which is stored, is in this repository; durable.
    async fn add_layer(&self, repository: &str, digest: &Digest, size: u64) -> Result<(), Refusal>;
}
