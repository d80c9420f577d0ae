//! ListParts.

use neargate_api::AwsError;

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::xml::Writer;
use crate::{bucket, upload};

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    call.permit("s3:ListMultipartUploadParts")?;
    let upload = upload::find(call, &call.ctx.snapshot())?;
    let query = &call.target.query;
    let limit = query.number("max-parts")?.unwrap_or(1000).min(1000) as usize;
    let marker = query.number("part-number-marker")?.unwrap_or(0);
    let mut rest = upload.parts.range(marker + 1..);
    let parts: Vec<_> = rest.by_ref().take(limit).collect();
    let more = rest.next().is_some();
    let mut writer = Writer::new("ListPartsResult");
    writer
        .text("Bucket", &upload.bucket)
        .text("Key", &upload.key)
        .text("UploadId", &upload.id)
        .text("PartNumberMarker", marker.to_string())
        .text("MaxParts", limit.to_string())
        .text("IsTruncated", if more { "true" } else { "false" });
    if let Some((last, _)) = parts.last().filter(|_| more) {
        writer.text("NextPartNumberMarker", last.to_string());
    }
    bucket::write_owner(call, &mut writer);
    writer.text("StorageClass", "STANDARD");
    for (number, part) in parts {
        writer
            .open("Part")
            .text("PartNumber", number.to_string())
            .text("LastModified", part.modified_at.iso8601())
            .text("ETag", &part.etag)
            .text("Size", part.piece.size.to_string())
            .close();
    }
    Ok(answer::xml(writer.finish()))
}
