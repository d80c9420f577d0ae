//! InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload: a layer in parts,
//! each of which begins where the last one ended. Uploads outlive a restart.

use bytes::Bytes;
use neargate_api::model::ecr::Layer;
use neargate_api::types::ecr::{
    CompleteLayerUploadRequest, CompleteLayerUploadResponse, InitiateLayerUploadRequest,
    InitiateLayerUploadResponse, UploadLayerPartRequest, UploadLayerPartResponse, error,
};
use neargate_api::{AwsError, Ctx};
use neargate_blobs::{BlobError, Blobs, Digest, Upload, UploadId};

use crate::repository;

/// What AWS suggests for a part, and its limit.
const PART_SIZE: i64 = 10 * 1024 * 1024;

/// InitiateLayerUpload.
pub async fn initiate(
    blobs: Blobs,
    ctx: Ctx,
    input: InitiateLayerUploadRequest,
) -> Result<InitiateLayerUploadResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let upload = blobs.begin_under(&mark(&ctx, &name)).await.map_err(failed)?;
    let id = upload.id().as_str().to_owned();
    upload.pause().await.map_err(failed)?;
    Ok(InitiateLayerUploadResponse { part_size: Some(PART_SIZE), upload_id: Some(id) })
}

/// UploadLayerPart.
pub async fn part(
    blobs: Blobs,
    ctx: Ctx,
    input: UploadLayerPartRequest,
) -> Result<UploadLayerPartResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let mut upload = resume(&blobs, &ctx, &name, &input.upload_id).await?;
    let bytes = Bytes::from(input.layer_part_blob.0);
    let (first, last) = (input.part_first_byte, input.part_last_byte);
    if first != upload.size() as i64 || last + 1 - first != bytes.len() as i64 {
        return Err(error::invalid_layer_part_exception(format!(
            "The layer part is not valid: the next part begins at byte {}, and partLastByte is that of its last byte",
            upload.size()
        )));
    }
    upload.write(bytes).await.map_err(failed)?;
    let size = upload.pause().await.map_err(failed)?;
    Ok(UploadLayerPartResponse {
        last_byte_received: Some(size as i64 - 1),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
        upload_id: Some(input.upload_id),
    })
}

/// CompleteLayerUpload.
pub async fn complete(
    blobs: Blobs,
    ctx: Ctx,
    input: CompleteLayerUploadRequest,
) -> Result<CompleteLayerUploadResponse, AwsError> {
    let name = input.repository_name;
    repository::get(&ctx, input.registry_id.as_deref(), &name)?;
    let expected = input.layer_digests.first().and_then(|digest| digest.parse::<Digest>().ok());
    let expected = expected.ok_or_else(|| {
        error::invalid_layer_exception(
            "The layer digest must be sha256: and 64 hexadecimal digits.",
        )
    })?;
    let upload = resume(&blobs, &ctx, &name, &input.upload_id).await?;
    if upload.size() == 0 {
        return Err(error::empty_upload_exception(format!(
            "The upload '{}' has no parts.",
            input.upload_id
        )));
    }
    let committed = upload.finish(Some(expected)).await.map_err(failed)?;
    let layer = Layer {
        region: ctx.region.clone(),
        repository: name.clone(),
        digest: expected.to_string(),
        size: committed.size,
        added_at: ctx.now,
    };
    let (region, account, of) = (ctx.region.clone(), ctx.account().to_owned(), name.clone());
    let added = ctx
        .write(move |tx| {
            repository::find(tx.view(), &region, &account, &of)?;
            Ok(tx.insert(layer).is_ok())
        })
        .await?;
    if !added {
        return Err(error::layer_already_exists_exception(format!(
            "Layer with digest '{expected}' already exists in the repository with name '{name}' in the registry with id '{}'",
            ctx.account()
        )));
    }
    Ok(CompleteLayerUploadResponse {
        layer_digest: Some(expected.to_string()),
        registry_id: Some(ctx.account().to_owned()),
        repository_name: Some(name),
        upload_id: Some(input.upload_id),
    })
}

/// The beginning of the names of a repository's uploads, which are UUIDs to AWS's clients.
fn mark(ctx: &Ctx, repository: &str) -> String {
    let of = Digest::of(format!("{}/{repository}", ctx.region).as_bytes());
    format!("{}-{}-", &of.hex()[..8], &of.hex()[8..12])
}

async fn resume(blobs: &Blobs, ctx: &Ctx, name: &str, id: &str) -> Result<Upload, AwsError> {
    let parsed = UploadId::parse(id).ok().filter(|_| id.starts_with(&mark(ctx, name)));
    let unknown = || {
        error::upload_not_found_exception(format!(
            "The upload '{id}' does not exist in the repository with name '{name}' in the registry with id '{}'",
            ctx.account()
        ))
    };
    let parsed = parsed.ok_or_else(unknown)?;
    blobs.resume(&parsed).await.map_err(|why| match why {
        BlobError::UploadUnknown(_) => unknown(),
        other => failed(other),
    })
}

fn failed(why: BlobError) -> AwsError {
    match why {
        BlobError::DigestMismatch { .. } => error::invalid_layer_exception(why.to_string()),
        other => {
            tracing::error!(error = %other, "a layer could not be stored");
            error::server_exception("The layer could not be stored; see Neargate's log.")
        }
    }
}
