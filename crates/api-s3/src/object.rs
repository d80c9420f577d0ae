//! Objects: what their operations share.

pub mod acl;
pub mod attributes;
pub mod copy;
pub mod delete;
pub mod delete_many;
pub mod get;
pub mod put;
pub mod tagging;

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::model::s3::{Bucket, Content, Object, Versioning};
use neargate_api::{AwsError, Ctx, Record, Snapshot, Tags, Timestamp, Tx, check_tags};

use crate::answer::{self, Answer};
use crate::error;
use crate::service::Call;

/// Headers that come with an object and go with it.
const KEPT_HEADERS: [&str; 11] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

/// A key may have so many bytes.
const KEY_LIMIT: usize = 1024;

/// All metadata of a user may have so many bytes.
const METADATA_LIMIT: usize = 2048;

/// The headers of a request that will be the object's.
pub fn headers(call: &Call) -> Result<BTreeMap<String, String>, AwsError> {
    let mut kept = BTreeMap::new();
    let mut metadata = 0;
    for (name, value) in &call.parts.headers {
        let name = name.as_str();
        let user = name.strip_prefix("x-amz-meta-");
        if user.is_none() && !KEPT_HEADERS.contains(&name) {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        metadata += user.map_or(0, |name| name.len() + value.len());
        kept.insert(name.to_owned(), value);
    }
    if metadata > METADATA_LIMIT {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(AwsError::new(400, "MetadataTooLarge", message));
    }
    check_encryption(call, &mut kept)?;
    // The framing is of the transfer, not of the object.
    if let Some(encoding) = kept.remove("content-encoding") {
        let rest: Vec<&str> = encoding
            .split(',')
            .map(str::trim)
            .filter(|e| *e != "aws-chunked" && !e.is_empty())
            .collect();
        if !rest.is_empty() {
            kept.insert("content-encoding".into(), rest.join(","));
        }
    }
    kept.entry("content-type".into()).or_insert_with(|| "binary/octet-stream".into());
    kept.retain(|name, value| name != "x-amz-storage-class" || value != "STANDARD");
    Ok(kept)
}

/// Every object is encrypted; with keys that the caller brings, none can be.
fn check_encryption(call: &Call, kept: &mut BTreeMap<String, String>) -> Result<(), AwsError> {
    if call.header("x-amz-server-side-encryption-customer-algorithm").is_some() {
        return Err(error::not_implemented(
            "encryption with keys that the caller provides (SSE-C)",
        ));
    }
    let given =
        kept.entry("x-amz-server-side-encryption".into()).or_insert_with(|| "AES256".into());
    match given.as_str() {
        "AES256" | "aws:kms" | "aws:kms:dsse" => Ok(()),
        other => Err(AwsError::new(
            400,
            "InvalidEncryptionAlgorithmError",
            format!("The encryption request you specified is not valid: {other}"),
        )),
    }
}

/// The tags of `x-amz-tagging: a=b&c=d`.
pub fn header_tags(call: &Call) -> Result<Tags, AwsError> {
    let text = call.header("x-amz-tagging").unwrap_or_default();
    let tags: Tags = form_urlencoded::parse(text.as_bytes())
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    check_object_tags(&tags)?;
    Ok(tags)
}

/// Objects may have ten tags.
pub fn check_object_tags(tags: &Tags) -> Result<(), AwsError> {
    if tags.len() > 10 {
        return Err(AwsError::new(400, "BadRequest", "Object tags cannot be greater than 10"));
    }
    match check_tags(tags) {
        Some(why) => Err(AwsError::new(400, "InvalidTag", why)),
        None => Ok(()),
    }
}

pub fn check_key(key: &str) -> Result<(), AwsError> {
    if key.len() > KEY_LIMIT {
        return Err(AwsError::new(400, "KeyTooLongError", "Your key is too long"));
    }
    match key.contains('\0') {
        true => Err(error::invalid_argument("Keys cannot contain the character NUL here.")),
        false => Ok(()),
    }
}

/// The newest version of a key, whatever it is.
pub fn newest(snapshot: &Snapshot, bucket: &str, key: &str) -> Option<Arc<Object>> {
    snapshot.scan::<Object>(&Object::versions_of(bucket, key)).next()
}

/// One version of a key, by its id.
pub fn version(snapshot: &Snapshot, bucket: &str, key: &str, id: &str) -> Option<Arc<Object>> {
    snapshot.scan::<Object>(&Object::versions_of(bucket, key)).find(|v| v.version_id == id)
}

/// The version that is asked for, with its content.
pub fn find(
    snapshot: &Snapshot,
    bucket: &str,
    key: &str,
    id: Option<&str>,
) -> Result<(Arc<Object>, Content), AwsError> {
    let found = match id {
        Some(id) => {
            version(snapshot, bucket, key, id).ok_or_else(|| error::no_such_version(key, id))?
        }
        None => newest(snapshot, bucket, key).ok_or_else(|| error::no_such_key(key))?,
    };
    match (&found.content, id) {
        (Some(content), _) => Ok((found.clone(), content.clone())),
        (None, None) => Err(error::no_such_key(key)),
        (None, Some(_)) => Err(error::method_not_allowed()),
    }
}

/// Puts a new version, as the bucket's versioning has it; gives it back.
pub fn put_version(
    tx: &mut Tx,
    ctx: &Ctx,
    bucket: &str,
    key: &str,
    content: Option<Content>,
) -> Result<Object, AwsError> {
    let versioning = tx.get::<Bucket>(bucket).map(|bucket| bucket.versioning);
    let versioning = versioning.ok_or_else(|| error::no_such_bucket(bucket))?;
    let last = newest(tx.view(), bucket, key).map(|object| object.order);
    let now = u64::try_from(ctx.now.millis()).unwrap_or(0);
    let version_id = match versioning {
        Versioning::Enabled => ctx.rng().letters(32),
        Versioning::Off | Versioning::Suspended => {
            if let Some(replaced) = version(tx.view(), bucket, key, "null") {
                tx.delete::<Object>(&replaced.key());
            }
            "null".to_owned()
        }
    };
    let object = Object {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        version_id,
        order: last.map_or(now, |last| now.max(last + 1)),
        modified_at: Timestamp::from_secs(ctx.now.secs()),
        content,
    };
    tx.put(object.clone());
    Ok(object)
}

/// Adds the version's id, where the bucket has versions.
pub fn with_version(answer: Answer, object: &Object) -> Answer {
    match object.version_id.as_str() {
        "null" => answer,
        id => answer::with(answer, "x-amz-version-id", id),
    }
}
