//! Tags of objects: GetObjectTagging, PutObjectTagging, DeleteObjectTagging; and
//! the document that buckets' tags come in too.

use neargate_api::model::s3::Object;
use neargate_api::{AwsError, Record, Tags};

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::xml::Writer;
use crate::{error, object, xml};

/// The tags of a `Tagging` document.
pub fn read(document: &[u8]) -> Result<Tags, AwsError> {
    let read = xml::read(document)?;
    let set = read.child("TagSet").filter(|_| read.name == "Tagging");
    let mut tags = Tags::new();
    for tag in set.ok_or_else(error::malformed_xml)?.all("Tag") {
        let text = |name| tag.text_of(name).map(str::to_owned).ok_or_else(error::malformed_xml);
        if tags.insert(text("Key")?, text("Value")?).is_some() {
            let message = "Cannot provide multiple Tags with the same key";
            return Err(AwsError::new(400, "InvalidTag", message));
        }
    }
    Ok(tags)
}

/// Tags as a `Tagging` document.
pub fn document(tags: &Tags) -> String {
    let mut writer = Writer::new("Tagging");
    writer.open("TagSet");
    for (key, value) in tags {
        writer.open("Tag").text("Key", key).text("Value", value).close();
    }
    writer.finish()
}

pub async fn get(call: &Call) -> Result<Answer, AwsError> {
    let bucket = call.permit("s3:GetObjectTagging")?;
    let id = call.target.query.get("versionId");
    let (object, content) = object::find(&call.ctx.snapshot(), &bucket.name, call.key()?, id)?;
    Ok(object::with_version(answer::xml(document(&content.tags)), &object))
}

pub async fn put(call: &Call, body: &[u8]) -> Result<Answer, AwsError> {
    let tags = read(body)?;
    object::check_object_tags(&tags)?;
    let changed = change(call, "s3:PutObjectTagging", tags).await?;
    Ok(object::with_version(answer::ok(), &changed))
}

pub async fn delete(call: &Call) -> Result<Answer, AwsError> {
    let changed = change(call, "s3:DeleteObjectTagging", Tags::new()).await?;
    Ok(object::with_version(answer::no_content(), &changed))
}

async fn change(call: &Call, action: &str, tags: Tags) -> Result<Object, AwsError> {
    let bucket = call.permit(action)?.name.clone();
    let key = call.key()?.to_owned();
    let id = call.target.query.get("versionId").map(str::to_owned);
    call.ctx
        .write(move |tx| {
            let (found, content) = object::find(tx.view(), &bucket, &key, id.as_deref())?;
            let content = neargate_api::model::s3::Content { tags, ..content };
            let changed = Object { content: Some(content), ..Object::clone(&found) };
            debug_assert_eq!(changed.key(), found.key());
            tx.put(changed.clone());
            Ok(changed)
        })
        .await
}
