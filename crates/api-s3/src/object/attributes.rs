//! GetObjectAttributes: size and ETag without the headers of a GET.

use neargate_api::AwsError;

use crate::answer::{self, Answer};
use crate::object;
use crate::service::Call;
use crate::xml::Writer;

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let bucket = call.permit("s3:GetObjectAttributes")?;
    let id = call.target.query.get("versionId");
    let (found, content) = object::find(&call.ctx.snapshot(), &bucket.name, call.key()?, id)?;
    let asked = call.header("x-amz-object-attributes").unwrap_or_default();
    let asked = |name: &str| asked.split(',').any(|one| one.trim() == name);
    let mut writer = Writer::new("GetObjectAttributesResponse");
    if asked("ETag") {
        writer.text("ETag", content.etag.trim_matches('"'));
    }
    if asked("StorageClass") {
        let class = content.headers.get("x-amz-storage-class");
        writer.text("StorageClass", class.map_or("STANDARD", String::as_str));
    }
    if asked("ObjectSize") {
        writer.text("ObjectSize", content.size.to_string());
    }
    if asked("ObjectParts") && content.pieces.len() > 1 {
        writer.open("ObjectParts").text("PartsCount", content.pieces.len().to_string()).close();
    }
    let shown = answer::xml(writer.finish());
    let shown = answer::with(shown, "last-modified", found.modified_at.http_date());
    Ok(object::with_version(shown, &found))
}
