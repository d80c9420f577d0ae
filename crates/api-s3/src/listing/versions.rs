//! ListObjectVersions: all versions and markers, the newest of each key first.

use neargate_api::model::s3::Object;
use neargate_api::{AwsError, Record, Snapshot};

use crate::answer::{self, Answer};
use crate::listing::{Asked, Entry, page};
use crate::service::Call;
use crate::xml::Writer;
use crate::{bucket, error, object};

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let name = call.permit("s3:ListBucketVersions")?.name.clone();
    let query = &call.target.query;
    let asked = Asked::of(query, "max-keys")?;
    let snapshot = call.ctx.snapshot();
    let marker = query.get("key-marker");
    let after = after(&snapshot, &name, marker, query.get("version-id-marker"))?;
    let mut last_key = None;
    let versions = snapshot
        .scan::<Object>(&format!("{name}/{}", asked.prefix))
        .map(|version| {
            let newest = last_key.as_ref() != Some(&version.key);
            last_key = Some(version.key.clone());
            (version, newest)
        })
        .filter(|(version, _)| after.as_ref().is_none_or(|after| version.key() > *after));
    let rolled = marker.and_then(|marker| asked.rolled(marker));
    let (entries, more) = page(&asked, rolled, versions, |(version, _)| version.key.clone());
    let mut writer = Writer::new("ListVersionsResult");
    writer
        .text("Name", &name)
        .text("Prefix", asked.shown(&asked.prefix))
        .text("KeyMarker", asked.shown(marker.unwrap_or_default()))
        .text("VersionIdMarker", query.get("version-id-marker").unwrap_or_default())
        .text("MaxKeys", asked.limit.to_string())
        .text("IsTruncated", if more { "true" } else { "false" });
    writer.optional("Delimiter", asked.delimiter.as_ref().map(|d| asked.shown(d)));
    if asked.encoded {
        writer.text("EncodingType", "url");
    }
    match entries.last().filter(|_| more) {
        Some(Entry::Item((version, _))) => {
            writer
                .text("NextKeyMarker", asked.shown(&version.key))
                .text("NextVersionIdMarker", &version.version_id);
        }
        Some(Entry::Prefix(prefix)) => {
            writer.text("NextKeyMarker", asked.shown(prefix));
        }
        None => {}
    }
    for entry in &entries {
        match entry {
            Entry::Item((version, newest)) => {
                write_version(call, &mut writer, &asked, version, *newest);
            }
            Entry::Prefix(prefix) => {
                writer.open("CommonPrefixes").text("Prefix", asked.shown(prefix)).close();
            }
        }
    }
    Ok(answer::xml(writer.finish()))
}

/// The record's key after which the page begins. A marker is a key with a
/// version; without one, all versions of the key are past.
fn after(
    snapshot: &Snapshot,
    bucket: &str,
    key: Option<&str>,
    id: Option<&str>,
) -> Result<Option<String>, AwsError> {
    match (key, id) {
        (Some(key), Some(id)) => {
            let found = object::version(snapshot, bucket, key, id);
            Ok(Some(found.map_or_else(|| past(bucket, key), |found| found.key())))
        }
        (Some(key), None) => Ok(Some(past(bucket, key))),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(error::invalid_argument(
            "A version-id marker cannot be specified without a key marker.",
        )),
    }
}

/// What sorts after all versions of a key, and before the next key.
fn past(bucket: &str, key: &str) -> String {
    format!("{}~", Object::versions_of(bucket, key))
}

fn write_version(call: &Call, writer: &mut Writer, asked: &Asked, version: &Object, newest: bool) {
    writer
        .open(if version.content.is_some() { "Version" } else { "DeleteMarker" })
        .text("Key", asked.shown(&version.key))
        .text("VersionId", &version.version_id)
        .text("IsLatest", if newest { "true" } else { "false" })
        .text("LastModified", version.modified_at.iso8601());
    if let Some(content) = &version.content {
        let class = content.headers.get("x-amz-storage-class");
        writer
            .text("ETag", &content.etag)
            .text("Size", content.size.to_string())
            .text("StorageClass", class.map_or("STANDARD", String::as_str));
    }
    bucket::write_owner(call, writer);
    writer.close();
}
