//! S3 Control, as far as it is asked about accounts and buckets: the account's
//! public access block, and tags by ARN.

use http::Method;
use neargate_api::model::s3::{AccountConfiguration, Bucket, Configuration};
use neargate_api::{AwsError, Tags, check_tags};

use crate::answer::{self, Answer};
use crate::object::tagging;
use crate::service::Call;
use crate::xml::Writer;
use crate::{error, xml};

const VERSION: &str = "v20180820";
const BLOCK: &str = "publicAccessBlock";

/// The path behind the API's version, for requests to S3 Control.
pub fn path(call: &Call) -> Option<String> {
    let is_control = call.parts.headers.contains_key("x-amz-account-id")
        || call.header("host").is_some_and(|host| host.contains("s3-control"));
    let rest = call.parts.uri.path().strip_prefix('/')?.strip_prefix(VERSION)?.strip_prefix('/')?;
    is_control.then(|| rest.to_owned())
}

pub async fn answer(call: &Call, path: &str, body: &[u8]) -> Result<Answer, AwsError> {
    if path == "configuration/publicAccessBlock" {
        return match call.parts.method {
            Method::GET => get_block(call),
            Method::PUT => put_block(call, body).await,
            Method::DELETE => delete_block(call).await,
            _ => Err(error::method_not_allowed()),
        };
    }
    match path.strip_prefix("tags/") {
        Some(arn) => {
            let bucket = bucket_of(arn)?;
            match call.parts.method {
                Method::GET => list_tags(call, &bucket),
                Method::POST => tag(call, bucket, body).await,
                Method::DELETE => untag(call, bucket).await,
                _ => Err(error::method_not_allowed()),
            }
        }
        None => Err(error::not_implemented(&format!("{} {path}", call.parts.method))),
    }
}

fn get_block(call: &Call) -> Result<Answer, AwsError> {
    call.authorize("s3:GetAccountPublicAccessBlock", "*", None)?;
    let kept = call.ctx.snapshot().get::<AccountConfiguration>(BLOCK);
    let kept = kept.ok_or_else(|| {
        AwsError::new(
            404,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )
        .with("AccountId", call.ctx.account())
    })?;
    Ok(answer::xml(kept.document.clone()))
}

async fn put_block(call: &Call, body: &[u8]) -> Result<Answer, AwsError> {
    call.authorize("s3:PutAccountPublicAccessBlock", "*", None)?;
    if xml::read(body)?.name != "PublicAccessBlockConfiguration" {
        return Err(error::malformed_xml());
    }
    let document = String::from_utf8(body.to_vec()).map_err(|_| error::malformed_xml())?;
    let put = AccountConfiguration { name: BLOCK.to_owned(), document };
    call.ctx
        .write(move |tx| {
            tx.put(put);
            Ok(())
        })
        .await?;
    Ok(answer::ok())
}

async fn delete_block(call: &Call) -> Result<Answer, AwsError> {
    call.authorize("s3:PutAccountPublicAccessBlock", "*", None)?;
    call.ctx
        .write(|tx| {
            tx.delete::<AccountConfiguration>(BLOCK);
            Ok(())
        })
        .await?;
    Ok(answer::no_content())
}

/// The bucket of `arn:aws:s3:::name`, which may be encoded.
fn bucket_of(arn: &str) -> Result<String, AwsError> {
    let arn = arn.replace("%3A", ":").replace("%3a", ":");
    let name = arn.strip_prefix("arn:aws:s3:::").filter(|name| !name.contains('/'));
    name.map(str::to_owned)
        .ok_or_else(|| error::not_implemented(&format!("tags of {arn}, which is no bucket")))
}

fn list_tags(call: &Call, name: &str) -> Result<Answer, AwsError> {
    call.authorize("s3:ListTagsForResource", &format!("arn:aws:s3:::{name}"), None)?;
    let bucket = call.ctx.snapshot().get::<Bucket>(name);
    let bucket = bucket.ok_or_else(|| error::no_such_bucket(name))?;
    let mut writer = Writer::new("ListTagsForResourceResult");
    writer.open("Tags");
    for (key, value) in &bucket.tags {
        writer.open("Tag").text("Key", key).text("Value", value).close();
    }
    Ok(answer::xml(writer.finish()))
}

async fn tag(call: &Call, name: String, body: &[u8]) -> Result<Answer, AwsError> {
    call.authorize("s3:TagResource", &format!("arn:aws:s3:::{name}"), None)?;
    let read = xml::read(body)?;
    let mut added = Tags::new();
    for tag in read.child("Tags").into_iter().flat_map(|tags| tags.all("Tag")) {
        let text = |name| tag.text_of(name).unwrap_or_default().to_owned();
        added.insert(text("Key"), text("Value"));
    }
    change(call, name, move |tags| tags.extend(added)).await?;
    Ok(answer::no_content())
}

async fn untag(call: &Call, name: String) -> Result<Answer, AwsError> {
    call.authorize("s3:UntagResource", &format!("arn:aws:s3:::{name}"), None)?;
    let query = call.parts.uri.query().unwrap_or_default();
    let removed: Vec<String> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "tagKeys")
        .map(|(_, value)| value.into_owned())
        .collect();
    change(call, name, move |tags| tags.retain(|key, _| !removed.contains(key))).await?;
    Ok(answer::no_content())
}

async fn change(
    call: &Call,
    name: String,
    change: impl FnOnce(&mut Tags) + Send + 'static,
) -> Result<(), AwsError> {
    call.ctx
        .write(move |tx| {
            let bucket = tx.get::<Bucket>(&name).ok_or_else(|| error::no_such_bucket(&name))?;
            let mut tags = bucket.tags.clone();
            change(&mut tags);
            if let Some(why) = check_tags(&tags) {
                return Err(AwsError::new(400, "InvalidTag", why));
            }
            tx.update::<Bucket>(&name, |bucket| {
                bucket.configurations.remove("tagging");
                if !tags.is_empty() {
                    let document = tagging::document(&tags);
                    let kept = Configuration { document, headers: Default::default() };
                    bucket.configurations.insert("tagging".to_owned(), kept);
                }
                bucket.tags = tags;
            });
            Ok(())
        })
        .await
}
