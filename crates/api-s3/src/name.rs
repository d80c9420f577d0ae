//! What the calls are called that concern a bucket or the account: those that
//! CloudTrail writes down as management events. Pure. Source: "Amazon S3
//! bucket-level actions" in the S3 user guide's page on CloudTrail.

use http::Method;
use http::request::Parts;

use crate::call::Target;

/// A call that is a management event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagementCall {
    /// `PutBucketPolicy`
    pub operation: String,
    pub bucket: Option<String>,
    pub read_only: bool,
}

/// Documents of a bucket, as the names of their operations have them.
const DOCUMENTS: [(&str, &str); 16] = [
    ("policy", "BucketPolicy"),
    ("lifecycle", "BucketLifecycle"),
    ("encryption", "BucketEncryption"),
    ("publicAccessBlock", "BucketPublicAccessBlock"),
    ("ownershipControls", "BucketOwnershipControls"),
    ("logging", "BucketLogging"),
    ("cors", "BucketCors"),
    ("website", "BucketWebsite"),
    ("replication", "BucketReplication"),
    ("accelerate", "AccelerateConfiguration"),
    ("requestPayment", "BucketRequestPayment"),
    ("notification", "BucketNotification"),
    ("object-lock", "BucketObjectLockConfiguration"),
    ("acl", "BucketAcl"),
    ("tagging", "BucketTagging"),
    ("versioning", "BucketVersioning"),
];

/// What a request is called; `None` for those that concern objects, or nothing of S3.
pub fn management_call(parts: &Parts) -> Option<ManagementCall> {
    let Target { bucket, key, query } = Target::of(parts).ok()?;
    if key.is_some() {
        return None;
    }
    let read_only = matches!(parts.method, Method::GET | Method::HEAD);
    let named = |operation: &str| ManagementCall {
        operation: operation.to_owned(),
        bucket: bucket.clone(),
        read_only,
    };
    let verb = match parts.method {
        Method::GET => "Get",
        Method::PUT => "Put",
        Method::DELETE => "Delete",
        Method::HEAD => return Some(named("HeadBucket")),
        _ => return None,
    };
    let document = DOCUMENTS.iter().find(|(name, _)| query.has(name));
    match (document, &bucket) {
        (_, None) => (verb == "Get").then(|| named("ListBuckets")),
        (Some((_, noun)), _) => Some(named(&format!("{verb}{noun}"))),
        (None, _) if query.has("location") => Some(named("GetBucketLocation")),
        (None, _) if query.has("policyStatus") => Some(named("GetBucketPolicyStatus")),
        (None, _) if verb == "Put" => Some(named("CreateBucket")),
        (None, _) if verb == "Delete" => Some(named("DeleteBucket")),
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(method: Method, uri: &str) -> Option<String> {
        let request = http::Request::builder().method(method).uri(uri).header("host", "127.0.0.1");
        let parts = request.body(()).unwrap().into_parts().0;
        management_call(&parts).map(|call| call.operation)
    }

    #[test]
    fn calls_on_buckets_have_names_and_those_on_objects_none() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(name(Method::PUT, "/b"), some("CreateBucket"));
        assert_eq!(name(Method::PUT, "/b?policy"), some("PutBucketPolicy"));
        assert_eq!(name(Method::GET, "/b/?versioning"), some("GetBucketVersioning"));
        assert_eq!(name(Method::HEAD, "/b"), some("HeadBucket"));
        assert_eq!(name(Method::GET, "/"), some("ListBuckets"));
        assert_eq!(name(Method::GET, "/b?list-type=2"), None);
        assert_eq!(name(Method::PUT, "/b/k"), None);
        assert_eq!(name(Method::POST, "/b?delete"), None);
    }
}
