//! Layers and configurations, coming in.
//!
//! ```text
//! POST ─▶ 201 (mounted, or came whole)
//!      └▶ 202 session ─▶ PATCH* ─▶ PUT ?digest= ─▶ 201
//!                        GET status, DELETE
//! ```
//!
//! A session belongs to its repository: its name begins with a mark of it.

use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderValue, LOCATION, RANGE};
use http::{StatusCode, response};
use neargate_blobs::{Committed, Digest, Upload, UploadId};

use crate::answer::{self, Answer, DOCKER_CONTENT_DIGEST, DOCKER_UPLOAD_UUID};
use crate::incoming::{self, RequestBody};
use crate::refusal::{Code, Refusal};
use crate::registry::{Call, Registry};
use crate::repositories::Action;
use crate::route::query;

/// How long a request waits for another one on the same upload.
const TURN: Duration = Duration::from_secs(20);

/// `POST /v2/<name>/blobs/uploads/`: begin, mount, or upload in one go.
pub async fn begin(
    registry: &Registry,
    call: Call<'_>,
    body: &mut impl RequestBody,
) -> Result<Answer, Refusal> {
    permit(registry, &call).await?;
    let asked = call.head.uri.query();
    if let Some(digest) = query(asked, "mount")
        && let Some(answer) = mount(registry, &call, &digest, query(asked, "from")).await?
    {
        return Ok(answer);
    }
    let expected = query(asked, "digest").map(|digest| parse(&digest)).transpose()?;
    let upload = registry.blobs.begin_under(&mark(&call.repository)).await?;
    if let Some(expected) = expected {
        let upload = incoming::receive(body, upload).await?;
        return complete(registry, &call, upload, expected).await;
    }
    let id = upload.id().clone();
    let size = upload.pause().await?;
    Ok(answer::with(progress(StatusCode::ACCEPTED, &call, &id, size), answer::no_body()))
}

/// A blob that another repository has need not travel again. Nothing when it
/// must: the specification then has an upload begin.
async fn mount(
    registry: &Registry,
    call: &Call<'_>,
    digest: &str,
    from: Option<String>,
) -> Result<Option<Answer>, Refusal> {
    let digest = parse(digest)?;
    let Some(from) = from else { return Ok(None) };
    let repositories = &registry.repositories;
    let readable = repositories.permit(&call.access, Action::GetDownloadUrlForLayer, &from).await;
    if readable.is_err() || !repositories.has_layer(&from, &digest).await? {
        return Ok(None);
    }
    let Some(size) = registry.blobs.touch(&digest).await? else { return Ok(None) };
    repositories.add_layer(&call.repository, &digest, size).await?;
    Ok(Some(created(call, &digest)))
}

/// `PATCH`: the next chunk.
pub async fn append(
    registry: &Registry,
    call: Call<'_>,
    id: &str,
    body: &mut impl RequestBody,
) -> Result<Answer, Refusal> {
    permit(registry, &call).await?;
    let upload = resume(registry, &call, id).await?;
    if let Some(answer) = out_of_order(&call, &upload)? {
        return Ok(answer);
    }
    let id = upload.id().clone();
    let size = incoming::receive(body, upload).await?.pause().await?;
    Ok(answer::with(progress(StatusCode::ACCEPTED, &call, &id, size), answer::no_body()))
}

/// `PUT ?digest=`: the last chunk, if any, and the end.
pub async fn finish(
    registry: &Registry,
    call: Call<'_>,
    id: &str,
    body: &mut impl RequestBody,
) -> Result<Answer, Refusal> {
    permit(registry, &call).await?;
    let expected = query(call.head.uri.query(), "digest")
        .ok_or_else(|| Refusal::new(Code::DigestInvalid, "The parameter 'digest' is missing"))?;
    let expected = parse(&expected)?;
    let upload = resume(registry, &call, id).await?;
    if let Some(answer) = out_of_order(&call, &upload)? {
        return Ok(answer);
    }
    let upload = incoming::receive(body, upload).await?;
    complete(registry, &call, upload, expected).await
}

/// `GET`: how far the upload is.
pub async fn status(registry: &Registry, call: Call<'_>, id: &str) -> Result<Answer, Refusal> {
    permit(registry, &call).await?;
    let upload = resume(registry, &call, id).await?;
    let builder = progress(StatusCode::NO_CONTENT, &call, upload.id(), upload.size());
    Ok(answer::with(builder, answer::no_body()))
}

/// `DELETE`: forget it.
pub async fn cancel(registry: &Registry, call: Call<'_>, id: &str) -> Result<Answer, Refusal> {
    permit(registry, &call).await?;
    resume(registry, &call, id).await?.cancel().await?;
    Ok(answer::with(answer::empty(StatusCode::NO_CONTENT), answer::no_body()))
}

async fn permit(registry: &Registry, call: &Call<'_>) -> Result<(), Refusal> {
    let action = Action::InitiateLayerUpload;
    registry.repositories.permit(&call.access, action, &call.repository).await
}

async fn resume(registry: &Registry, call: &Call<'_>, id: &str) -> Result<Upload, Refusal> {
    let unknown = || Refusal::upload_unknown(id);
    if !id.starts_with(&mark(&call.repository)) {
        return Err(unknown());
    }
    let parsed = UploadId::parse(id).map_err(|_| unknown())?;
    match tokio::time::timeout(TURN, registry.blobs.resume(&parsed)).await {
        Ok(upload) => Ok(upload?),
        Err(_) => Err(Refusal::new(
            Code::TooManyRequests,
            "Another request is sending to this upload; wait for its end",
        )),
    }
}

/// Eight characters that stand for the repository.
fn mark(repository: &str) -> String {
    Digest::of(repository.as_bytes()).hex()[..8].to_string()
}

fn parse(digest: &str) -> Result<Digest, Refusal> {
    digest.parse().map_err(|_| Refusal::digest_invalid(digest))
}

async fn complete(
    registry: &Registry,
    call: &Call<'_>,
    upload: Upload,
    expected: Digest,
) -> Result<Answer, Refusal> {
    let Committed { digest, size } = upload.finish(Some(expected)).await?;
    registry.repositories.add_layer(&call.repository, &digest, size).await?;
    Ok(created(call, &digest))
}

fn created(call: &Call<'_>, digest: &Digest) -> Answer {
    let builder = answer::empty(StatusCode::CREATED)
        .header(LOCATION, format!("/v2/{}/blobs/{digest}", call.repository))
        .header(DOCKER_CONTENT_DIGEST, digest.to_string())
        .header(CONTENT_LENGTH, 0);
    answer::with(builder, answer::no_body())
}

fn progress(status: StatusCode, call: &Call<'_>, id: &UploadId, size: u64) -> response::Builder {
    let builder = answer::empty(status)
        .header(LOCATION, format!("/v2/{}/blobs/uploads/{id}", call.repository))
        .header(DOCKER_UPLOAD_UUID, id.as_str())
        .header(RANGE, format!("0-{}", size.saturating_sub(1)));
    // RFC 9110, section 8.6: a 204 has no length.
    if status == StatusCode::NO_CONTENT { builder } else { builder.header(CONTENT_LENGTH, 0) }
}

/// An answer with the state of the upload when the chunk does not fit on it.
fn out_of_order(call: &Call<'_>, upload: &Upload) -> Result<Option<Answer>, Refusal> {
    let Some(range) = chunk_range(&call.head.headers)? else { return Ok(None) };
    if upload.expect_at(range).is_ok() {
        return Ok(None);
    }
    let status = StatusCode::RANGE_NOT_SATISFIABLE;
    Ok(Some(answer::with(progress(status, call, upload.id(), upload.size()), answer::no_body())))
}

/// Where the chunk begins: `Content-Range: <first>-<last>`, or in RFC 9110's
/// form, `bytes <first>-<last>/<size>`.
fn chunk_range(headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let Some(value) = headers.get(CONTENT_RANGE) else { return Ok(None) };
    let parse = |value: &HeaderValue| {
        let text = value.to_str().ok()?.trim();
        let text = text.strip_prefix("bytes").map_or(text, str::trim_start);
        let (first, last) = text.split('/').next()?.split_once('-')?;
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last).then_some((first, last))
    };
    let invalid = |message: &str| Refusal {
        status: StatusCode::BAD_REQUEST,
        ..Refusal::new(Code::BlobUploadInvalid, message)
    };
    let (first, last) = parse(value).ok_or_else(|| invalid("Content-Range is not valid"))?;
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length != last - first + 1) {
        return Err(invalid("Content-Range and Content-Length disagree"));
    }
    Ok(Some(first))
}
