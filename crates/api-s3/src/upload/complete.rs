//! CompleteMultipartUpload: the object is the list of its parts.

use md5::{Digest, Md5};
use neargate_api::model::s3::{Content, Part, Upload};
use neargate_api::{AwsError, Record};

use crate::answer::{self, Answer};
use crate::object::put::Condition;
use crate::service::Call;
use crate::xml::{Element, Writer};
use crate::{error, object, upload, xml};

/// What all parts but the last must have: 5 MiB.
const PART_MINIMUM: u64 = 5 << 20;

pub async fn call(call: &Call, body: &[u8]) -> Result<Answer, AwsError> {
    let bucket = call.permit("s3:PutObject")?.name.clone();
    let key = call.key()?.to_owned();
    let listed = xml::read(body)?;
    if listed.name != "CompleteMultipartUpload" {
        return Err(error::malformed_xml());
    }
    let condition = Condition::of(call)?;
    let id = upload::id(call)?.to_owned();
    let record = Upload::key_of(&bucket, &key, &id);
    let ctx = call.ctx.clone();
    let (place, name) = (bucket.clone(), key.clone());
    let put = call
        .ctx
        .write(move |tx| {
            let upload = tx.get::<Upload>(&record).ok_or_else(|| error::no_such_upload(&id))?;
            condition.check(object::newest(tx.view(), &place, &name).as_deref())?;
            let content = content(&upload, chosen(&upload, &listed)?)?;
            tx.delete::<Upload>(&upload.key());
            object::put_version(tx, &ctx, &place, &name, Some(content))
        })
        .await?;
    let etag = put.content.as_ref().map(|content| content.etag.clone()).unwrap_or_default();
    let mut writer = Writer::new("CompleteMultipartUploadResult");
    writer
        .text("Location", format!("http://s3.{}.amazonaws.com/{bucket}/{key}", call.ctx.region))
        .text("Bucket", &bucket)
        .text("Key", &key)
        .text("ETag", etag);
    Ok(object::with_version(answer::xml(writer.finish()), &put))
}

/// The parts that are listed, which must be there, in order, and large enough.
fn chosen<'a>(upload: &'a Upload, listed: &Element) -> Result<Vec<&'a Part>, AwsError> {
    let mut chosen: Vec<&Part> = Vec::new();
    let mut last = 0;
    for entry in listed.all("Part") {
        let number: u32 = entry
            .text_of("PartNumber")
            .and_then(|text| text.trim().parse().ok())
            .ok_or_else(error::malformed_xml)?;
        if number <= last {
            return Err(AwsError::new(
                400,
                "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part number.",
            ));
        }
        last = number;
        let etag = entry.text_of("ETag").ok_or_else(error::malformed_xml)?;
        let part = upload.parts.get(&number);
        let same = |part: &&Part| part.etag.trim_matches('"') == etag.trim().trim_matches('"');
        chosen.push(part.filter(same).ok_or_else(|| {
            AwsError::new(
                400,
                "InvalidPart",
                "One or more of the specified parts could not be found. The part may not have been uploaded, or the \
                 specified entity tag may not match the part's entity tag.",
            )
        })?);
    }
    let whole = chosen.len().saturating_sub(1);
    if chosen[..whole].iter().any(|part| part.piece.size < PART_MINIMUM) {
        return Err(AwsError::new(
            400,
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
        ));
    }
    match chosen.is_empty() {
        true => Err(error::malformed_xml()),
        false => Ok(chosen),
    }
}

/// The ETag is the MD5 of the parts' MD5s, and their number.
fn content(upload: &Upload, parts: Vec<&Part>) -> Result<Content, AwsError> {
    let mut md5 = Md5::new();
    for part in &parts {
        md5.update(hex::decode(part.etag.trim_matches('"')).map_err(error::internal)?);
    }
    Ok(Content {
        size: parts.iter().map(|part| part.piece.size).sum(),
        etag: format!("\"{}-{}\"", hex::encode(md5.finalize()), parts.len()),
        pieces: parts.into_iter().map(|part| part.piece.clone()).collect(),
        headers: upload.headers.clone(),
        tags: upload.tags.clone(),
    })
}
