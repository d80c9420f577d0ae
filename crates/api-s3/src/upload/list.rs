//! ListMultipartUploads: a thousand at most, as AWS has it.

use neargate_api::AwsError;
use neargate_api::model::s3::Upload;

use crate::answer::{self, Answer};
use crate::bucket;
use crate::listing::{Asked, Entry, page};
use crate::service::Call;
use crate::xml::Writer;

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let name = call.permit("s3:ListBucketMultipartUploads")?.name.clone();
    let query = &call.target.query;
    let asked = Asked::of(query, "max-uploads")?;
    let marker = (query.get("key-marker"), query.get("upload-id-marker"));
    let snapshot = call.ctx.snapshot();
    let uploads =
        snapshot.scan::<Upload>(&format!("{name}/{}", asked.prefix)).filter(
            |upload| match marker {
                (None, _) => true,
                (Some(key), None) => upload.key.as_str() > key,
                (Some(key), Some(id)) => (upload.key.as_str(), upload.id.as_str()) > (key, id),
            },
        );
    let rolled = marker.0.and_then(|marker| asked.rolled(marker));
    let (entries, more) = page(&asked, rolled, uploads, |upload| upload.key.clone());
    let mut writer = Writer::new("ListMultipartUploadsResult");
    writer
        .text("Bucket", &name)
        .text("KeyMarker", asked.shown(marker.0.unwrap_or_default()))
        .text("UploadIdMarker", marker.1.unwrap_or_default())
        .text("Prefix", asked.shown(&asked.prefix))
        .text("MaxUploads", asked.limit.to_string())
        .text("IsTruncated", if more { "true" } else { "false" });
    writer.optional("Delimiter", asked.delimiter.as_ref().map(|d| asked.shown(d)));
    match entries.last().filter(|_| more) {
        Some(Entry::Item(last)) => {
            writer
                .text("NextKeyMarker", asked.shown(&last.key))
                .text("NextUploadIdMarker", &last.id);
        }
        Some(Entry::Prefix(prefix)) => {
            writer.text("NextKeyMarker", asked.shown(prefix));
        }
        None => {}
    }
    for entry in &entries {
        match entry {
            Entry::Item(upload) => {
                writer
                    .open("Upload")
                    .text("Key", asked.shown(&upload.key))
                    .text("UploadId", &upload.id);
                bucket::write_owner(call, &mut writer);
                writer
                    .text("StorageClass", "STANDARD")
                    .text("Initiated", upload.initiated_at.iso8601())
                    .close();
            }
            Entry::Prefix(prefix) => {
                writer.open("CommonPrefixes").text("Prefix", asked.shown(prefix)).close();
            }
        }
    }
    Ok(answer::xml(writer.finish()))
}
