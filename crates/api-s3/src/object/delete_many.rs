//! DeleteObjects: up to a thousand, in one transaction.

use neargate_api::AwsError;

use crate::answer::{self, Answer};
use crate::object::delete::{Deleted, delete};
use crate::service::Call;
use crate::xml::Writer;
use crate::{error, xml};

struct Named {
    key: String,
    version_id: Option<String>,
}

pub async fn call(call: &Call, body: &[u8]) -> Result<Answer, AwsError> {
    let read = xml::read(body)?;
    let quiet = read.text_of("Quiet") == Some("true");
    let named: Vec<Named> = read
        .all("Object")
        .map(|object| {
            let key = object.text_of("Key").ok_or_else(error::malformed_xml)?.to_owned();
            let version_id = object.text_of("VersionId").filter(|id| !id.is_empty());
            Ok(Named { key, version_id: version_id.map(str::to_owned) })
        })
        .collect::<Result<_, AwsError>>()?;
    if read.name != "Delete" || named.is_empty() || named.len() > 1000 {
        return Err(error::malformed_xml());
    }
    let (allowed, denied) = split(call, named)?;
    let bucket = call.bucket_name()?.to_owned();
    let ctx = call.ctx.clone();
    let deleted: Vec<(Named, Deleted)> = call
        .ctx
        .write(move |tx| {
            allowed
                .into_iter()
                .map(|named| {
                    let done = delete(tx, &ctx, &bucket, &named.key, named.version_id.as_deref())?;
                    Ok((named, done))
                })
                .collect()
        })
        .await?;
    let mut writer = Writer::new("DeleteResult");
    for (named, done) in deleted.iter().filter(|_| !quiet) {
        write_deleted(&mut writer, named, done);
    }
    for (named, refusal) in &denied {
        writer.open("Error").text("Key", &named.key);
        writer.optional("VersionId", named.version_id.as_ref());
        writer.text("Code", "AccessDenied").text("Message", &refusal.message).close();
    }
    Ok(answer::xml(writer.finish()))
}

/// Those that the caller may delete, and those that it may not.
type Split = (Vec<Named>, Vec<(Named, AwsError)>);

fn split(call: &Call, named: Vec<Named>) -> Result<Split, AwsError> {
    let name = call.bucket_name()?;
    let bucket = call.ctx.snapshot().get::<neargate_api::model::s3::Bucket>(name);
    let bucket = bucket.ok_or_else(|| error::no_such_bucket(name))?;
    let policy = bucket.configurations.get("policy").map(|policy| policy.document.as_str());
    let (mut allowed, mut denied) = (Vec::new(), Vec::new());
    for one in named {
        let action =
            if one.version_id.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        match call.authorize(action, &format!("arn:aws:s3:::{name}/{}", one.key), policy) {
            Ok(()) => allowed.push(one),
            Err(refusal) => denied.push((one, refusal)),
        }
    }
    Ok((allowed, denied))
}

fn write_deleted(writer: &mut Writer, named: &Named, done: &Deleted) {
    writer.open("Deleted").text("Key", &named.key);
    writer.optional("VersionId", named.version_id.as_ref());
    if done.marker {
        writer.text("DeleteMarker", "true");
        writer.optional("DeleteMarkerVersionId", done.version_id.as_ref());
    }
    writer.close();
}
