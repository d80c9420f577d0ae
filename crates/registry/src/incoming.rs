//! Reading what clients send, with patience that ends.

use std::time::Duration;

use bytes::{Buf, Bytes};
use http::StatusCode;
use http_body_util::BodyExt;
use neargate_blobs::Upload;

use crate::refusal::{Code, Refusal};

/// A client that sends nothing for so long is let go.
const IDLE: Duration = Duration::from_secs(60);

/// ECR's largest layer: 52,000 MiB.
const LAYER_LIMIT: u64 = 52_000 * 1024 * 1024;

/// A request's body, whatever the edge did to it.
pub trait RequestBody:
    http_body::Body<Data: Buf + Send, Error: std::fmt::Display> + Send + Unpin
{
}

impl<B> RequestBody for B
where
    B: http_body::Body<Error: std::fmt::Display> + Send + Unpin,
    B::Data: Buf + Send,
{
}

/// The next bytes; nothing at the end.
async fn next(body: &mut impl RequestBody) -> Result<Option<Bytes>, Refusal> {
    loop {
        let Ok(frame) = tokio::time::timeout(IDLE, body.frame()).await else {
            return Err(Refusal {
                status: StatusCode::REQUEST_TIMEOUT,
                ..Refusal::new(Code::BlobUploadInvalid, "No bytes came for a minute")
            });
        };
        let Some(frame) = frame else { return Ok(None) };
        let frame = frame.map_err(|error| {
            Refusal::new(Code::BlobUploadInvalid, format!("The body broke off: {error}"))
        })?;
        // Trailers are of no interest.
        if let Ok(mut data) = frame.into_data() {
            return Ok(Some(data.copy_to_bytes(data.remaining())));
        }
    }
}

/// Streams a body into an upload. When it breaks off, what came is kept.
pub async fn receive(body: &mut impl RequestBody, mut upload: Upload) -> Result<Upload, Refusal> {
    loop {
        match next(body).await {
            Ok(Some(bytes)) if upload.size() + bytes.len() as u64 > LAYER_LIMIT => {
                upload.cancel().await?;
                let message =
                    format!("A layer may have {LAYER_LIMIT} bytes, and {} more came", bytes.len());
                return Err(Refusal::new(Code::SizeInvalid, message));
            }
            Ok(Some(bytes)) => upload.write(bytes).await?,
            Ok(None) => return Ok(upload),
            Err(refusal) => {
                upload.pause().await?;
                return Err(refusal);
            }
        }
    }
}

/// A whole body of at most `limit` bytes.
pub async fn collect(body: &mut impl RequestBody, limit: u64) -> Result<Bytes, Refusal> {
    let mut collected = Vec::new();
    while let Some(bytes) = next(body).await? {
        if (collected.len() + bytes.len()) as u64 > limit {
            let message = format!("A manifest may have {limit} bytes");
            return Err(Refusal::new(Code::SizeInvalid, message));
        }
        collected.extend_from_slice(&bytes);
    }
    Ok(collected.into())
}
