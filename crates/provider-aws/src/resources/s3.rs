//! What the resources of S3's buckets have in common: the bucket they belong to, and
//! reading and writing XML.

use neargate_aws_client::CallError;
use neargate_aws_client::s3::{Bucket, Part};
use neargate_wire::read::Element;

use crate::cloud::Cloud;
use crate::resource::{Failure, found};

pub const MISSING: [&str; 1] = ["NoSuchBucket"];

/// A bucket by its name.
pub fn bucket<'a>(cloud: &'a Cloud, name: &'a str) -> Bucket<'a> {
    Bucket { client: &cloud.client, name }
}

/// A part of a bucket's configuration; nothing also where there is no bucket.
///
/// # Errors
/// S3's others.
pub async fn get(cloud: &Cloud, name: &str, part: Part) -> Result<Option<String>, Failure> {
    let got = bucket(cloud, name).get(part).await;
    Ok(found(got, &MISSING)?.flatten())
}

/// The same, read.
///
/// # Errors
/// S3's others, or that it is no XML.
pub async fn element(cloud: &Cloud, name: &str, part: Part) -> Result<Option<Element>, Failure> {
    let Some(document) = get(cloud, name, part).await? else { return Ok(None) };
    let read = Element::read(document.as_bytes());
    read.map(Some)
        .map_err(|error| Failure::told(format!("S3's answer about {name} is no XML: {error:?}")))
}

/// Writes a part. A bucket that has just been made may not be everywhere yet.
///
/// # Errors
/// S3's.
pub async fn put(cloud: &Cloud, name: &str, part: Part, document: String) -> Result<(), Failure> {
    Ok(bucket(cloud, name).put(part, document).await?)
}

/// Removes a part, also of a bucket that is gone.
///
/// # Errors
/// S3's others.
pub async fn remove(cloud: &Cloud, name: &str, part: Part) -> Result<(), Failure> {
    let removed: Result<(), CallError> = bucket(cloud, name).remove(part).await;
    found(removed, &MISSING)?;
    Ok(())
}

/// `<Name>inner</Name>`.
pub fn tag(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// The same around a text; nothing without one.
pub fn text(name: &str, text: Option<impl ToString>) -> String {
    text.map(|text| tag(name, &escaped(&text.to_string()))).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A whole document.
pub fn document(name: &str, inner: &str) -> String {
    format!("<{name} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</{name}>")
}
