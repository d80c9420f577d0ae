//! CopyObject: another record of the same bytes.

use std::sync::Arc;

use neargate_api::AwsError;
use neargate_api::model::s3::{Bucket, Content, Object};

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::xml::Writer;
use crate::{error, object};

pub async fn call(call: &Call) -> Result<Answer, AwsError> {
    let bucket = call.permit("s3:PutObject")?.name.clone();
    let key = call.key()?.to_owned();
    object::check_key(&key)?;
    let (source, mut content) = source(call)?;
    let replaced = call.header("x-amz-metadata-directive") == Some("REPLACE");
    let same = source.bucket == bucket && source.key == key;
    if same && !replaced && call.header("x-amz-storage-class").is_none() {
        return Err(error::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
             object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    if replaced {
        content.headers = object::headers(call)?;
    } else if let Some(class) = call.header("x-amz-storage-class") {
        content.headers.insert("x-amz-storage-class".into(), class.to_owned());
    }
    if call.header("x-amz-tagging-directive") == Some("REPLACE") {
        content.tags = object::header_tags(call)?;
    }
    let etag = content.etag.clone();
    let ctx = call.ctx.clone();
    let put = call
        .ctx
        .write(move |tx| object::put_version(tx, &ctx, &bucket, &key, Some(content)))
        .await?;
    let mut writer = Writer::new("CopyObjectResult");
    writer.text("LastModified", put.modified_at.iso8601()).text("ETag", etag);
    let mut done = answer::xml(writer.finish());
    if source.version_id != "null" {
        done = answer::with(done, "x-amz-copy-source-version-id", &source.version_id);
    }
    Ok(object::with_version(done, &put))
}

/// The object that `x-amz-copy-source: /bucket/key?versionId=…` names, if the caller may read it.
pub fn source(call: &Call) -> Result<(Arc<Object>, Content), AwsError> {
    let invalid = || error::invalid_argument("Invalid copy source: give bucket/key, URL-encoded.");
    let text = call.header("x-amz-copy-source").ok_or_else(invalid)?;
    let (path, id) = match text.split_once("?versionId=") {
        Some((path, id)) => (path, Some(id.to_owned())),
        None => (text, None),
    };
    let path = crate::call::decoded(path.trim_start_matches('/'))?;
    let (name, key) = path.split_once('/').ok_or_else(invalid)?;
    let snapshot = call.ctx.snapshot();
    let bucket = snapshot.get::<Bucket>(name).ok_or_else(|| error::no_such_bucket(name))?;
    let policy = bucket.configurations.get("policy").map(|policy| policy.document.as_str());
    let action = if id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
    call.authorize(action, &format!("arn:aws:s3:::{path}"), policy)?;
    let (object, content) = object::find(&snapshot, name, key, id.as_deref())?;
    check_conditions(call, &content)?;
    Ok((object, content))
}

fn check_conditions(call: &Call, content: &Content) -> Result<(), AwsError> {
    let is = |etag: &str| etag.trim_matches('"') == content.etag.trim_matches('"');
    let unmet = call.header("x-amz-copy-source-if-match").is_some_and(|etag| !is(etag))
        || call.header("x-amz-copy-source-if-none-match").is_some_and(is);
    match unmet {
        true => Err(AwsError::new(
            412,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
        )),
        false => Ok(()),
    }
}
