//! Objects that services of AWS put into a customer's bucket, as CloudTrail and load
//! balancers do with their logs. A service has no policies of its own, nor has an account of
//! AWS that writes for it: the bucket's decides alone.

use std::collections::BTreeMap;

use bytes::Bytes;
use neargate_api::model::s3::{Bucket, Content, Piece};
use neargate_api::{AwsError, Caller, Ctx, Snapshot, Timestamp};
use neargate_authz::{Kind, Named, Policies, Policy, Principal, Request, decide};

use crate::service::S3;
use crate::{error, object};

/// A service of AWS that acts for a resource of the account.
#[derive(Clone, Copy, Debug)]
pub struct OnBehalf<'a> {
    /// `cloudtrail.amazonaws.com`
    pub service: &'a str,
    pub source_arn: &'a str,
    pub account: &'a str,
    pub now: Timestamp,
}

/// Whether a bucket's policy lets a service have `action` on the bucket, or on
/// `key` in it. A service gives the bucket's owner full control of what it puts.
pub fn service_may(
    snapshot: &Snapshot,
    by: OnBehalf<'_>,
    bucket: &str,
    action: &str,
    key: Option<&str>,
) -> Result<(), AwsError> {
    let principal = Principal::Service { name: by.service.to_owned() };
    principal_may(snapshot, principal, by, bucket, action, key)
}

/// The same for one of AWS's own accounts, by which some services wrote before
/// there were service principals.
pub fn account_may(
    snapshot: &Snapshot,
    account: &str,
    by: OnBehalf<'_>,
    bucket: &str,
    action: &str,
    key: Option<&str>,
) -> Result<(), AwsError> {
    let principal = Principal::Root { account: account.to_owned() };
    principal_may(snapshot, principal, by, bucket, action, key)
}

fn principal_may(
    snapshot: &Snapshot,
    principal: Principal,
    by: OnBehalf<'_>,
    bucket: &str,
    action: &str,
    key: Option<&str>,
) -> Result<(), AwsError> {
    let found = snapshot.get::<Bucket>(bucket).ok_or_else(|| error::no_such_bucket(bucket))?;
    let policy = found.configurations.get("policy");
    let policy = policy.and_then(|kept| Policy::parse(&kept.document, Kind::Resource).ok());
    let path = key.map(|key| format!("/{key}")).unwrap_or_default();
    let request = Request {
        principal,
        action: action.to_owned(),
        resource: format!("arn:aws:s3:::{bucket}{path}"),
        context: context(by),
    };
    let policies = Policies {
        resource: policy.as_ref().map(|policy| Named { name: "resource", policy }),
        resource_must_allow: true,
        ..Policies::default()
    };
    match decide(&policies, &request).is_allowed() {
        true => Ok(()),
        false => Err(error::access_denied("Access Denied")),
    }
}

fn context(by: OnBehalf<'_>) -> BTreeMap<String, Vec<String>> {
    let values = [
        ("aws:sourcearn", by.source_arn.to_owned()),
        ("aws:sourceaccount", by.account.to_owned()),
        ("aws:principalisawsservice", "true".to_owned()),
        ("aws:principalservicename", by.service.to_owned()),
        ("aws:securetransport", "true".to_owned()),
        ("aws:currenttime", by.now.iso8601_secs()),
        ("aws:epochtime", by.now.secs().to_string()),
        ("s3:x-amz-acl", "bucket-owner-full-control".to_owned()),
    ];
    values.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect()
}

impl S3 {
    /// Puts an object as a service. `headers` go with it (`content-type`).
    pub async fn deliver(
        &self,
        by: OnBehalf<'_>,
        bucket: &str,
        key: &str,
        headers: BTreeMap<String, String>,
        bytes: Vec<u8>,
    ) -> Result<(), AwsError> {
        service_may(&self.cloud().store.snapshot(), by, bucket, "s3:PutObject", Some(key))?;
        self.put_permitted(by.now, bucket, key, headers, bytes).await
    }

    /// Puts an object that whoever delivers it may put: that was asked before.
    pub async fn put_permitted(
        &self,
        now: Timestamp,
        bucket: &str,
        key: &str,
        headers: BTreeMap<String, String>,
        bytes: Vec<u8>,
    ) -> Result<(), AwsError> {
        let cloud = self.cloud();
        let snapshot = cloud.store.snapshot();
        let size = bytes.len() as u64;
        let etag = format!("\"{}\"", md5(&bytes));
        let digest = self.blobs().put(Bytes::from(bytes)).await.map_err(error::internal)?;
        let pieces = vec![Piece { digest: digest.to_string(), size }];
        let content = Content { pieces, size, etag, headers, ..Content::default() };
        let ctx = Ctx {
            caller: Caller::Operator,
            region: snapshot.get::<Bucket>(bucket).map(|b| b.region.clone()).unwrap_or_default(),
            request_id: cloud.rng.base32(16),
            now,
            cloud: cloud.clone(),
        };
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let of_tx = ctx.clone();
        ctx.write(move |tx| object::put_version(tx, &of_tx, &bucket, &key, Some(content))).await?;
        Ok(())
    }
}

fn md5(bytes: &[u8]) -> String {
    use md5::{Digest, Md5};
    hex::encode(Md5::digest(bytes))
}
