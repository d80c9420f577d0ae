//! The sub-resources of a bucket that are documents: put, shown back as they were
//! put, deleted; each with what AWS answers where there is none.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use neargate_api::model::s3::{Bucket, Configuration, Versioning};
use neargate_api::{AwsError, check_tags};

use crate::answer::{self, Answer};
use crate::service::Call;
use crate::xml::{self, NAMESPACE};
use crate::{bucket, error};

/// What is answered when nothing was put.
enum Absent {
    /// An error: code and message.
    Error(&'static str, &'static str),
    /// A document.
    Default(fn(&Call) -> String),
}

/// One kind of document.
struct Kind {
    /// The parameter of the query that names it.
    query: &'static str,
    /// Its action after `Get` and `Put`: `s3:GetBucketPolicy`.
    action: &'static str,
    /// The root of its document; none for JSON.
    root: Option<&'static str>,
    absent: Absent,
    /// Whether it can be deleted.
    deletable: bool,
}

const fn kind(
    query: &'static str,
    action: &'static str,
    root: &'static str,
    absent: Absent,
    deletable: bool,
) -> Kind {
    Kind { query, action, root: Some(root), absent, deletable }
}

/// All kinds. Source: the operations `Get…`, `Put…` and `Delete…` of the S3 API reference.
const KINDS: &[Kind] = &[
    Kind {
        query: "policy",
        action: "BucketPolicy",
        root: None,
        absent: Absent::Error("NoSuchBucketPolicy", "The bucket policy does not exist"),
        deletable: true,
    },
    kind(
        "lifecycle",
        "LifecycleConfiguration",
        "LifecycleConfiguration",
        Absent::Error("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        true,
    ),
    kind(
        "encryption",
        "EncryptionConfiguration",
        "ServerSideEncryptionConfiguration",
        Absent::Default(|_| default_encryption()),
        true,
    ),
    kind(
        "publicAccessBlock",
        "BucketPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        Absent::Error(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        ),
        true,
    ),
    kind(
        "ownershipControls",
        "BucketOwnershipControls",
        "OwnershipControls",
        Absent::Error(
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        ),
        true,
    ),
    kind(
        "logging",
        "BucketLogging",
        "BucketLoggingStatus",
        Absent::Default(|_| empty("BucketLoggingStatus")),
        false,
    ),
    kind(
        "cors",
        "BucketCORS",
        "CORSConfiguration",
        Absent::Error("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        true,
    ),
    kind(
        "website",
        "BucketWebsite",
        "WebsiteConfiguration",
        Absent::Error(
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
        true,
    ),
    kind(
        "replication",
        "ReplicationConfiguration",
        "ReplicationConfiguration",
        Absent::Error(
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found",
        ),
        true,
    ),
    kind(
        "accelerate",
        "AccelerateConfiguration",
        "AccelerateConfiguration",
        Absent::Default(|_| empty("AccelerateConfiguration")),
        false,
    ),
    kind(
        "requestPayment",
        "BucketRequestPayment",
        "RequestPaymentConfiguration",
        Absent::Default(|_| {
            format!(
                "<RequestPaymentConfiguration xmlns=\"{NAMESPACE}\"><Payer>BucketOwner</Payer>\
                 </RequestPaymentConfiguration>"
            )
        }),
        false,
    ),
    kind(
        "notification",
        "BucketNotification",
        "NotificationConfiguration",
        Absent::Default(|_| empty("NotificationConfiguration")),
        false,
    ),
    kind(
        "object-lock",
        "BucketObjectLockConfiguration",
        "ObjectLockConfiguration",
        Absent::Error(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
        false,
    ),
    kind("acl", "BucketAcl", "AccessControlPolicy", Absent::Default(bucket::private_acl), false),
    kind(
        "tagging",
        "BucketTagging",
        "Tagging",
        Absent::Error("NoSuchTagSet", "The TagSet does not exist"),
        true,
    ),
    kind(
        "versioning",
        "BucketVersioning",
        "VersioningConfiguration",
        Absent::Default(|_| empty("VersioningConfiguration")),
        false,
    ),
];

/// The encryption that every bucket has.
fn default_encryption() -> String {
    format!(
        "<ServerSideEncryptionConfiguration xmlns=\"{NAMESPACE}\"><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
         <BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
    )
}

fn empty(root: &str) -> String {
    format!("<{root} xmlns=\"{NAMESPACE}\"/>")
}

/// Headers of a PUT that belong to its document and are shown back in headers.
const WITH_HEADERS: [&str; 1] = ["x-amz-transition-default-minimum-object-size"];

/// Whether the query names one of these documents; its name.
pub fn asked(call: &Call) -> Option<&'static str> {
    KINDS.iter().map(|kind| kind.query).find(|query| call.target.query.has(query))
}

/// Answers a request for the document called `query`.
pub async fn answer(call: &Call, query: &str, body: Bytes) -> Result<Answer, AwsError> {
    let kind = KINDS.iter().find(|kind| kind.query == query);
    let kind = kind.ok_or_else(error::method_not_allowed)?;
    match call.parts.method {
        Method::GET => get(call, kind),
        Method::PUT => put(call, kind, &body).await,
        Method::DELETE if kind.deletable => delete(call, kind).await,
        _ => Err(error::method_not_allowed()),
    }
}

fn get(call: &Call, kind: &Kind) -> Result<Answer, AwsError> {
    let bucket = call.permit(&format!("s3:Get{}", kind.action))?;
    let content_type = if kind.root.is_some() { "application/xml" } else { "application/json" };
    if let Some(kept) = bucket.configurations.get(kind.query) {
        let mut shown = answer::document(content_type, kept.document.clone());
        for (name, value) in &kept.headers {
            shown = answer::with(shown, name, value);
        }
        return Ok(shown);
    }
    match &kind.absent {
        Absent::Default(document) => Ok(answer::document(content_type, document(call))),
        Absent::Error(code, message) => {
            Err(AwsError::new(404, *code, *message).with("BucketName", bucket.name.clone()))
        }
    }
}

async fn put(call: &Call, kind: &'static Kind, body: &[u8]) -> Result<Answer, AwsError> {
    let bucket = call.permit(&format!("s3:Put{}", kind.action))?;
    let document = given(call, kind, body)?;
    let change = check(&bucket, kind, &document)?;
    let kept = WITH_HEADERS.iter().filter_map(|name| {
        let value = call.header(name)?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    let mut headers: BTreeMap<String, String> = kept.collect();
    if kind.query == "lifecycle" {
        headers
            .entry(WITH_HEADERS[0].to_owned())
            .or_insert_with(|| "all_storage_classes_128K".to_owned());
    }
    let shown = headers.clone();
    call.change(move |bucket| {
        apply(bucket, change);
        bucket.configurations.insert(kind.query.to_owned(), Configuration { document, headers });
    })
    .await?;
    let done = if kind.root.is_some() { answer::ok() } else { answer::no_content() };
    Ok(shown.iter().fold(done, |answer, (name, value)| answer::with(answer, name, value)))
}

/// The document of a PUT. An ACL may come as a header that names a canned one.
fn given(call: &Call, kind: &Kind, body: &[u8]) -> Result<String, AwsError> {
    if kind.query == "acl" && body.is_empty() {
        return bucket::canned_acl(call);
    }
    let text = String::from_utf8(body.to_vec()).map_err(|_| error::malformed_xml())?;
    match kind.root {
        Some(root) if xml::read(body)?.name != root => Err(error::malformed_xml()),
        _ => Ok(text),
    }
}

/// What a document changes beside itself.
enum Change {
    Nothing,
    Versioning(Versioning),
    Tags(neargate_api::Tags),
    ObjectLock,
}

fn check(bucket: &Bucket, kind: &Kind, document: &str) -> Result<Change, AwsError> {
    match kind.query {
        "policy" => {
            bucket::check_policy(bucket, document)?;
            Ok(Change::Nothing)
        }
        "versioning" => {
            let read = xml::read(document.as_bytes())?;
            match read.text_of("Status") {
                Some("Enabled") => Ok(Change::Versioning(Versioning::Enabled)),
                Some("Suspended") if bucket.object_lock => Err(AwsError::new(
                    409,
                    "InvalidBucketState",
                    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
                )),
                Some("Suspended") => Ok(Change::Versioning(Versioning::Suspended)),
                _ => Err(error::malformed_xml()),
            }
        }
        "tagging" => {
            let tags = crate::object::tagging::read(document.as_bytes())?;
            match check_tags(&tags) {
                Some(why) => Err(AwsError::new(400, "InvalidTag", why)),
                None => Ok(Change::Tags(tags)),
            }
        }
        "object-lock" if bucket.versioning != Versioning::Enabled => Err(AwsError::new(
            409,
            "InvalidBucketState",
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        )),
        "object-lock" => Ok(Change::ObjectLock),
        _ => Ok(Change::Nothing),
    }
}

fn apply(bucket: &mut Bucket, change: Change) {
    match change {
        Change::Nothing => {}
        Change::Versioning(versioning) => bucket.versioning = versioning,
        Change::Tags(tags) => bucket.tags = tags,
        Change::ObjectLock => bucket.object_lock = true,
    }
}

async fn delete(call: &Call, kind: &'static Kind) -> Result<Answer, AwsError> {
    // Most documents are deleted by the permission to put them.
    let verb = if matches!(kind.query, "policy" | "website") { "Delete" } else { "Put" };
    call.permit(&format!("s3:{verb}{}", kind.action))?;
    call.change(move |bucket| {
        bucket.configurations.remove(kind.query);
        if kind.query == "tagging" {
            bucket.tags.clear();
        }
    })
    .await?;
    Ok(answer::no_content())
}
