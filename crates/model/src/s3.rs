//! S3: buckets with their configurations, objects with their versions, and uploads in parts.
//!
//! ```text
//! key of an object:  bucket / key \0 order      order falls with time: the newest version comes first
//! ```
//!
//! The bytes are in a blob store, by their digest; a record names the pieces.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of S3.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Bucket>().with::<Object>().with::<Upload>().with::<AccountConfiguration>()
}

/// A bucket. Names are unique over all regions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bucket {
    pub region: String,
    pub name: String,
    pub created_at: Timestamp,
    pub versioning: Versioning,
    pub object_lock: bool,
    pub tags: Tags,
    /// The documents that were put, as they were put, by the name of their
    /// sub-resource (`policy`, `lifecycle`).
    pub configurations: BTreeMap<String, Configuration>,
}

/// A document of a bucket's sub-resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// XML; JSON for policies.
    pub document: String,
    /// What came with it in headers and is shown back in them.
    pub headers: BTreeMap<String, String>,
}

/// Whether a bucket keeps the versions of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// It never did.
    Off,
    Enabled,
    /// It did; new objects replace the version `null`.
    Suspended,
}

impl Record for Bucket {
    const TABLE: &'static str = "s3-buckets";

    fn key(&self) -> String {
        self.name.clone()
    }
}

/// A part of an object's bytes: a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// `sha256:…`
    pub digest: String,
    pub size: u64,
}

/// One version of an object, or the marker that it was deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object {
    pub bucket: String,
    pub key: String,
    /// `null` where the bucket keeps no versions.
    pub version_id: String,
    /// Grows from version to version of one key.
    pub order: u64,
    pub modified_at: Timestamp,
    /// Nothing for a delete marker.
    pub content: Option<Content>,
}

/// What an object has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub pieces: Vec<Piece>,
    pub size: u64,
    /// In quotes, as it is shown.
    pub etag: String,
    /// Headers that came with it and go with it: `content-type`, `x-amz-meta-…`.
    pub headers: BTreeMap<String, String>,
    pub tags: Tags,
}

impl Object {
    /// The beginning of the keys of all versions of one key.
    pub fn versions_of(bucket: &str, key: &str) -> String {
        format!("{bucket}/{key}\0")
    }

    pub fn key_of(bucket: &str, key: &str, order: u64) -> String {
        format!("{}{:020}", Object::versions_of(bucket, key), u64::MAX - order)
    }
}

impl Record for Object {
    const TABLE: &'static str = "s3-objects";

    fn key(&self) -> String {
        Object::key_of(&self.bucket, &self.key, self.order)
    }
}

/// An upload in parts that is not complete yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    pub bucket: String,
    pub key: String,
    pub id: String,
    pub initiated_at: Timestamp,
    pub headers: BTreeMap<String, String>,
    pub tags: Tags,
    pub parts: BTreeMap<u32, Part>,
}

/// A part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub piece: Piece,
    /// In quotes.
    pub etag: String,
    pub modified_at: Timestamp,
}

impl Upload {
    pub fn key_of(bucket: &str, key: &str, id: &str) -> String {
        format!("{bucket}/{key}\0{id}")
    }
}

impl Record for Upload {
    const TABLE: &'static str = "s3-uploads";

    fn key(&self) -> String {
        Upload::key_of(&self.bucket, &self.key, &self.id)
    }
}

/// A configuration of the whole account, such as its public access block.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountConfiguration {
    pub name: String,
    pub document: String,
}

impl Record for AccountConfiguration {
    const TABLE: &'static str = "s3-account-configurations";

    fn key(&self) -> String {
        self.name.clone()
    }
}
