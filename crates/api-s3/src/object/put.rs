//! PutObject.

use neargate_api::AwsError;
use neargate_api::model::s3::{Content, Object, Piece};

use crate::answer::{self, Answer};
use crate::payload::{Payload, Received};
use crate::service::Call;
use crate::{error, object};

pub async fn call<B>(call: &Call, payload: Payload<B>) -> Result<Answer, AwsError>
where
    B: http_body::Body<Data = bytes::Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    let bucket = call.permit("s3:PutObject")?.name.clone();
    let key = call.key()?.to_owned();
    object::check_key(&key)?;
    let mut headers = object::headers(call)?;
    let tags = object::header_tags(call)?;
    let condition = Condition::of(call)?;
    let (piece, received) = receive(call, payload).await?;
    headers.extend(received.checksums.iter().cloned());
    let etag = format!("\"{}\"", hex::encode(received.md5));
    let content =
        Content { size: piece.size, pieces: vec![piece], etag: etag.clone(), headers, tags };
    let encryption = content.headers.get("x-amz-server-side-encryption").cloned();
    let ctx = call.ctx.clone();
    let put = call
        .ctx
        .write(move |tx| {
            condition.check(object::newest(tx.view(), &bucket, &key).as_deref())?;
            object::put_version(tx, &ctx, &bucket, &key, Some(content))
        })
        .await?;
    let mut done = answer::with(answer::ok(), "etag", etag);
    if let Some(encryption) = encryption {
        done = answer::with(done, "x-amz-server-side-encryption", encryption);
    }
    for (name, value) in &received.checksums {
        done = answer::with(done, name, value);
    }
    if !received.checksums.is_empty() {
        done = answer::with(done, "x-amz-checksum-type", "FULL_OBJECT");
    }
    Ok(object::with_version(done, &put))
}

/// Streams a body into a blob, durably; refused and forgotten when it is not what was said.
pub async fn receive<B>(call: &Call, mut payload: Payload<B>) -> Result<(Piece, Received), AwsError>
where
    B: http_body::Body<Data = bytes::Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    let mut upload = call.blobs.begin().await.map_err(error::internal)?;
    loop {
        match payload.next().await {
            Ok(Some(bytes)) => upload.write(bytes).await.map_err(error::internal)?,
            Ok(None) => break,
            Err(refusal) => {
                upload.cancel().await.map_err(error::internal)?;
                return Err(refusal);
            }
        }
    }
    match payload.finish() {
        Ok(received) => {
            let committed = upload.finish(None).await.map_err(error::internal)?;
            let piece = Piece { digest: committed.digest.to_string(), size: committed.size };
            Ok((piece, received))
        }
        Err(refusal) => {
            upload.cancel().await.map_err(error::internal)?;
            Err(refusal)
        }
    }
}

/// What must be there for a PUT to be made: `If-None-Match: *`, or `If-Match`.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    absent: bool,
    etag: Option<String>,
}

impl Condition {
    pub fn of(call: &Call) -> Result<Self, AwsError> {
        let absent = match call.header("if-none-match") {
            None => false,
            Some("*") => true,
            Some(_) => {
                return Err(error::not_implemented("If-None-Match of anything but * in a PUT"));
            }
        };
        let etag = call.header("if-match").map(|etag| etag.trim_matches('"').to_owned());
        Ok(Condition { absent, etag })
    }

    pub fn check(&self, present: Option<&Object>) -> Result<(), AwsError> {
        let content = present.and_then(|object| object.content.as_ref());
        let unmet = || {
            AwsError::new(
                412,
                "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold",
            )
        };
        if self.absent && content.is_some() {
            return Err(unmet());
        }
        match (&self.etag, content) {
            (Some(etag), Some(content)) if content.etag.trim_matches('"') != etag => Err(unmet()),
            (Some(_), None) => Err(error::no_such_key(present.map_or("", |o| o.key.as_str()))),
            _ => Ok(()),
        }
    }
}
