//! UploadPart and UploadPartCopy. A part that comes again replaces the one of its number.

use bytes::Bytes;
use neargate_api::AwsError;
use neargate_api::model::s3::{Part, Piece, Upload};

use crate::answer::{self, Answer};
use crate::object::{copy, get, put};
use crate::payload::Payload;
use crate::service::Call;
use crate::xml::Writer;
use crate::{error, upload};

pub async fn call<B>(call: &Call, payload: Payload<B>) -> Result<Answer, AwsError>
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    call.permit("s3:PutObject")?;
    let number = number(call)?;
    upload::find(call, &call.ctx.snapshot())?;
    let (piece, received) = put::receive(call, payload).await?;
    let etag = format!("\"{}\"", hex::encode(received.md5));
    keep(call, number, piece, etag.clone()).await?;
    let done = answer::with(answer::ok(), "etag", etag);
    Ok(received.checksums.iter().fold(done, |done, (name, value)| answer::with(done, name, value)))
}

/// The bytes are read and kept again, as their MD5 is asked for.
pub async fn copy(call: &Call) -> Result<Answer, AwsError> {
    call.permit("s3:PutObject")?;
    let number = number(call)?;
    upload::find(call, &call.ctx.snapshot())?;
    let (_, content) = copy::source(call)?;
    let range = match call.header("x-amz-copy-source-range") {
        Some(text) => get::copied_range(text, content.size)?,
        None => 0..content.size,
    };
    let body = get::body(&call.blobs, &content.pieces, range).await?;
    let unsigned = http::Request::put("/").header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    let (parts, ()) = unsigned.body(()).map_err(error::internal)?.into_parts();
    let (piece, received) = put::receive(call, Payload::of(&parts, body)?).await?;
    let etag = format!("\"{}\"", hex::encode(received.md5));
    keep(call, number, piece, etag.clone()).await?;
    let mut writer = Writer::new("CopyPartResult");
    writer.text("LastModified", call.ctx.now.iso8601()).text("ETag", etag);
    Ok(answer::xml(writer.finish()))
}

fn number(call: &Call) -> Result<u32, AwsError> {
    match call.target.query.number("partNumber")? {
        Some(number @ 1..=upload::PART_LIMIT) => Ok(number),
        _ => Err(error::invalid_argument(
            "Part number must be an integer between 1 and 10000, inclusive",
        )),
    }
}

async fn keep(call: &Call, number: u32, piece: Piece, etag: String) -> Result<(), AwsError> {
    let id = upload::id(call)?.to_owned();
    let key = Upload::key_of(call.bucket_name()?, call.key()?, &id);
    let part = Part { piece, etag, modified_at: call.ctx.now };
    call.ctx
        .write(move |tx| {
            let kept = tx.update::<Upload>(&key, |upload| {
                upload.parts.insert(number, part);
            });
            kept.map(drop).ok_or_else(|| error::no_such_upload(&id))
        })
        .await
}
