//! Manifests and indexes, in and out, and what refers to them.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION};
use http::{Method, StatusCode};
use neargate_blobs::Digest;
use neargate_images::{Descriptor, Document, MANIFEST_LIMIT, Parsed, manifest, media};
use serde_json::json;

use crate::answer::{self, Answer, DOCKER_CONTENT_DIGEST, OCI_FILTERS_APPLIED, OCI_SUBJECT};
use crate::incoming::{self, RequestBody};
use crate::refusal::{Code, Refusal};
use crate::registry::{Call, Registry};
use crate::repositories::{Action, ManifestPut, ManifestRecord, ManifestReference, Referrer};
use crate::route::query;

/// `GET` and `HEAD /v2/<name>/manifests/<tag or digest>`.
pub async fn get(registry: &Registry, call: Call<'_>, text: &str) -> Result<Answer, Refusal> {
    let repositories = &registry.repositories;
    repositories.permit(&call.access, Action::BatchGetImage, &call.repository).await?;
    let reference = parse_reference(text, &Refusal::image_unknown())?;
    let record = repositories.resolve(&call.repository, &reference).await?;
    let record = record.ok_or_else(Refusal::image_unknown)?;
    let bytes = registry.blobs.read(&record.digest, MANIFEST_LIMIT).await?;
    let bytes = bytes.ok_or_else(|| {
        Refusal::internal(&format_args!(
            "the manifest {} is recorded and not stored",
            record.digest
        ))
    })?;
    if call.head.method == Method::GET {
        repositories.note_pull(&call.repository, &record).await;
    }
    let builder = answer::empty(StatusCode::OK)
        .header(CONTENT_TYPE, record.media_type)
        .header(CONTENT_LENGTH, bytes.len())
        .header(ETAG, format!("\"{}\"", record.digest))
        .header(DOCKER_CONTENT_DIGEST, record.digest.to_string());
    Ok(answer::with(builder, answer::full(bytes)))
}

/// `PUT /v2/<name>/manifests/<tag or digest>`.
pub async fn put(
    registry: &Registry,
    call: Call<'_>,
    text: &str,
    body: &mut impl RequestBody,
) -> Result<Answer, Refusal> {
    let repositories = &registry.repositories;
    repositories.permit(&call.access, Action::PutImage, &call.repository).await?;
    let wrong = Refusal::new(Code::TagInvalid, format!("'{text}' is neither a tag nor a digest"));
    let reference = parse_reference(text, &wrong)?;
    let bytes = incoming::collect(body, MANIFEST_LIMIT).await?;
    let digest = Digest::of(&bytes);
    if let ManifestReference::Digest(expected) = reference
        && expected != digest
    {
        let message = format!("The manifest received has the digest {digest}, not {expected}");
        return Err(Refusal::new(Code::DigestInvalid, message));
    }
    let content_type = call.head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let parsed = manifest::parse(&bytes, content_type)?;
    require_children(registry, &call.repository, &parsed).await?;
    let size = bytes.len() as u64;
    registry.blobs.put(bytes).await?;
    let subject = parsed.subject().map(|subject| subject.digest);
    let put = manifest_put(&call.repository, digest, size, reference, parsed);
    repositories.put_manifest(&call.access, put).await?;
    let mut builder = answer::empty(StatusCode::CREATED)
        .header(LOCATION, format!("/v2/{}/manifests/{digest}", call.repository))
        .header(DOCKER_CONTENT_DIGEST, digest.to_string())
        .header(CONTENT_LENGTH, 0);
    if let Some(subject) = subject {
        builder = builder.header(OCI_SUBJECT, subject.to_string());
    }
    Ok(answer::with(builder, answer::no_body()))
}

/// `DELETE /v2/<name>/manifests/<tag or digest>`.
pub async fn delete(registry: &Registry, call: Call<'_>, text: &str) -> Result<Answer, Refusal> {
    let repositories = &registry.repositories;
    repositories.permit(&call.access, Action::BatchDeleteImage, &call.repository).await?;
    let reference = parse_reference(text, &Refusal::image_unknown())?;
    if !repositories.delete_manifest(&call.access, &call.repository, &reference).await? {
        return Err(Refusal::image_unknown());
    }
    let builder = answer::empty(StatusCode::ACCEPTED).header(CONTENT_LENGTH, 0);
    Ok(answer::with(builder, answer::no_body()))
}

/// `GET /v2/<name>/referrers/<digest>`, by artifact type if asked.
pub async fn referrers(
    registry: &Registry,
    call: Call<'_>,
    digest: &str,
) -> Result<Answer, Refusal> {
    let repositories = &registry.repositories;
    repositories.permit(&call.access, Action::BatchGetImage, &call.repository).await?;
    let digest: Digest = digest.parse().map_err(|_| Refusal::digest_invalid(digest))?;
    let wanted = query(call.head.uri.query(), "artifactType");
    let mut found = repositories.referrers(&call.repository, &digest).await?;
    if wanted.is_some() {
        found.retain(|referrer| referrer.artifact_type == wanted);
    }
    let manifests: Vec<Descriptor> = found.into_iter().map(descriptor).collect();
    let index = json!({
        "schemaVersion": 2,
        "mediaType": media::OCI_INDEX,
        "manifests": manifests,
    });
    let bytes = index.to_string();
    let mut builder = answer::empty(StatusCode::OK)
        .header(CONTENT_TYPE, media::OCI_INDEX)
        .header(CONTENT_LENGTH, bytes.len());
    if wanted.is_some() {
        builder = builder.header(OCI_FILTERS_APPLIED, "artifactType");
    }
    Ok(answer::with(builder, answer::full(bytes)))
}

fn descriptor(referrer: Referrer) -> Descriptor {
    let ManifestRecord { digest, media_type, size } = referrer.record;
    let (artifact_type, annotations) = (referrer.artifact_type, referrer.annotations);
    Descriptor { media_type, digest, size, platform: None, artifact_type, annotations }
}

fn parse_reference(text: &str, otherwise: &Refusal) -> Result<ManifestReference, Refusal> {
    match ManifestReference::parse(text) {
        Some(reference) => Ok(reference),
        None if text.contains(':') => Err(Refusal::digest_invalid(text)),
        None => Err(otherwise.clone()),
    }
}

/// Everything that the manifest names must be in the repository already. What
/// is, is claimed, so that it stays until the manifest is recorded.
async fn require_children(
    registry: &Registry,
    repository: &str,
    parsed: &Parsed,
) -> Result<(), Refusal> {
    let is_index = matches!(parsed.document, Document::Index(_));
    let mut missing = Vec::new();
    for child in parsed.children() {
        let recorded = if is_index {
            let reference = ManifestReference::Digest(child.digest);
            registry.repositories.resolve(repository, &reference).await?.is_some()
        } else {
            registry.repositories.has_layer(repository, &child.digest).await?
        };
        match registry.blobs.touch(&child.digest).await? {
            Some(size) if recorded && size == child.size => {}
            Some(size) if recorded => {
                let message = format!(
                    "The size of {} is {size}, and the manifest says {}",
                    child.digest, child.size
                );
                return Err(Refusal::new(Code::ManifestInvalid, message));
            }
            _ => missing.push(child.digest.to_string()),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let (what, missing) = (if is_index { "Images" } else { "Layers" }, missing.join(", "));
    let message = format!(
        "{what} with digests '[{missing}]' required for pushing image into repository with name '{repository}' do not exist"
    );
    Err(Refusal::new(Code::ManifestBlobUnknown, message))
}

fn manifest_put(
    repository: &str,
    digest: Digest,
    size: u64,
    reference: ManifestReference,
    parsed: Parsed,
) -> ManifestPut {
    let tag = match reference {
        ManifestReference::Tag(tag) => Some(tag),
        ManifestReference::Digest(_) => None,
    };
    let subject = parsed.subject().map(|subject| subject.digest);
    let artifact_type = parsed.artifact_type().map(str::to_string);
    let annotations = parsed.annotations();
    let (config, layers, manifests) = match parsed.document {
        Document::Manifest(manifest) => (Some(manifest.config), manifest.layers, Vec::new()),
        Document::Index(index) => (None, Vec::new(), index.manifests),
    };
    ManifestPut {
        repository: repository.to_string(),
        digest,
        media_type: parsed.media_type,
        size,
        tag,
        config,
        layers,
        manifests,
        subject,
        artifact_type,
        annotations,
    }
}
