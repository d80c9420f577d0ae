//! One blob: from a registry into the store, from where it last broke.

use neargate_blobs::{BlobError, Blobs, UploadId};

use super::patience::Patience;
use super::progress::Reporter;
use super::registry::{Failure, Registry};
use super::transport;
use crate::manifest::Descriptor;

/// Fetches a blob unless it is there; whoever wants the same blob meanwhile
/// waits for it. A failure comes with the number of tries.
pub async fn blob_patiently(
    blobs: &Blobs,
    registry: &Registry,
    part: &Descriptor,
    reporter: &Reporter<'_>,
) -> Result<(), (Failure, u32)> {
    let mut patience = Patience::default();
    loop {
        match blob(blobs, registry, part, reporter).await {
            Ok(()) => return Ok(()),
            Err(failure) => patience.spend(failure).await?,
        }
    }
}

/// One try, from where the last one ended.
async fn blob(
    blobs: &Blobs,
    registry: &Registry,
    part: &Descriptor,
    reporter: &Reporter<'_>,
) -> Result<(), Failure> {
    let digest = part.digest;
    if blobs.touch(&digest).await?.is_some() {
        reporter.bytes(part.size);
        return Ok(());
    }
    let id = UploadId::parse(&format!("pull-{}", digest.hex()))?;
    let mut upload = blobs.begin_or_resume(&id).await?;
    if blobs.touch(&digest).await?.is_some() {
        upload.cancel().await?;
        reporter.bytes(part.size);
        return Ok(());
    }
    let mut counted = upload.size();
    reporter.bytes(counted);
    if counted < part.size {
        let (mut body, continued) =
            registry.blob(&digest, counted).await.inspect_err(|_| reporter.lost(counted))?;
        if !continued && counted > 0 {
            upload.cancel().await?;
            reporter.lost(counted);
            counted = 0;
            upload = blobs.begin_or_resume(&id).await?;
        }
        loop {
            match transport::next(&mut body).await {
                Ok(Some(bytes)) => {
                    counted += bytes.len() as u64;
                    reporter.bytes(bytes.len() as u64);
                    upload.write(bytes).await?;
                }
                Ok(None) => break,
                Err(why) => {
                    upload.pause().await?;
                    reporter.lost(counted);
                    return Err(Failure::NoAnswer(why));
                }
            }
        }
    }
    match upload.finish(Some(digest)).await {
        Ok(_) => Ok(()),
        Err(error @ BlobError::DigestMismatch { .. }) => {
            reporter.lost(counted);
            Err(Failure::NoAnswer(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}
