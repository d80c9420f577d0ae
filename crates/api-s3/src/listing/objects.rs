//! ListObjectsV2, and its elder ListObjects: the newest versions that are no markers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use neargate_api::AwsError;
use neargate_api::model::s3::{Content, Object};

use crate::answer::{self, Answer};
use crate::listing::{Asked, Entry, page};
use crate::service::Call;
use crate::xml::Writer;
use crate::{bucket, error};

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let name = call.permit("s3:ListBucket")?.name.clone();
    let query = &call.target.query;
    let second = query.get("list-type") == Some("2");
    let asked = Asked::of(query, "max-keys")?;
    let after = after(call, second)?;
    let snapshot = call.ctx.snapshot();
    let mut last_key = None;
    let newest = snapshot
        .scan::<Object>(&format!("{name}/{}", asked.prefix))
        .filter(|object| {
            let first = last_key.as_ref() != Some(&object.key);
            last_key = Some(object.key.clone());
            first
        })
        .filter(|object| after.as_ref().is_none_or(|after| object.key > *after));
    let present = newest.filter_map(|o| o.content.clone().map(|content| (o, content)));
    let rolled = after.as_deref().and_then(|after| asked.rolled(after));
    let (entries, more) = page(&asked, rolled, present, |(object, _)| object.key.clone());
    let last = entries.last().map(|entry| match entry {
        Entry::Item((object, _)) => object.key.clone(),
        Entry::Prefix(prefix) => prefix.clone(),
    });
    let mut writer = Writer::new("ListBucketResult");
    writer.text("Name", &name).text("Prefix", asked.shown(&asked.prefix));
    write_place(call, &mut writer, &asked, second);
    writer.text("MaxKeys", asked.limit.to_string());
    writer.text("IsTruncated", if more { "true" } else { "false" });
    if second {
        writer.text("KeyCount", entries.len().to_string());
    }
    if let (true, Some(last)) = (more, last) {
        match second {
            true => writer.text("NextContinuationToken", URL_SAFE_NO_PAD.encode(last)),
            false => writer.text("NextMarker", asked.shown(&last)),
        };
    }
    let owned = !second || query.get("fetch-owner") == Some("true");
    for entry in &entries {
        match entry {
            Entry::Item((object, content)) => {
                write_object(call, &mut writer, &asked, object, content, owned);
            }
            Entry::Prefix(prefix) => {
                writer.open("CommonPrefixes").text("Prefix", asked.shown(prefix)).close();
            }
        }
    }
    Ok(answer::xml(writer.finish()))
}

/// The key after which the page begins.
fn after(call: &Call, second: bool) -> Result<Option<String>, AwsError> {
    let query = &call.target.query;
    if !second {
        return Ok(query.get("marker").map(str::to_owned));
    }
    let Some(token) = query.get("continuation-token") else {
        return Ok(query.get("start-after").map(str::to_owned));
    };
    let decoded = URL_SAFE_NO_PAD.decode(token).ok().and_then(|key| String::from_utf8(key).ok());
    match decoded {
        Some(key) => Ok(Some(key)),
        None => Err(error::invalid_argument("The continuation token provided is incorrect")),
    }
}

/// Repeats what the page was asked by.
fn write_place(call: &Call, writer: &mut Writer, asked: &Asked, second: bool) {
    let query = &call.target.query;
    writer.optional("Delimiter", asked.delimiter.as_ref().map(|d| asked.shown(d)));
    if asked.encoded {
        writer.text("EncodingType", "url");
    }
    if second {
        writer.optional("ContinuationToken", query.get("continuation-token"));
        writer.optional("StartAfter", query.get("start-after").map(|key| asked.shown(key)));
    } else {
        writer.text("Marker", asked.shown(query.get("marker").unwrap_or_default()));
    }
}

fn write_object(
    call: &Call,
    writer: &mut Writer,
    asked: &Asked,
    object: &Object,
    content: &Content,
    owned: bool,
) {
    writer
        .open("Contents")
        .text("Key", asked.shown(&object.key))
        .text("LastModified", object.modified_at.iso8601())
        .text("ETag", &content.etag)
        .text("Size", content.size.to_string());
    if owned {
        bucket::write_owner(call, writer);
    }
    let class = content.headers.get("x-amz-storage-class");
    writer.text("StorageClass", class.map_or("STANDARD", String::as_str)).close();
}
