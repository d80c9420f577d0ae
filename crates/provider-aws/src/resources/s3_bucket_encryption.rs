//! `aws_s3_bucket_server_side_encryption_configuration`: the key of objects that name
//! none. S3 encrypts always: without this, with its own keys.

use async_trait::async_trait;
use neargate_aws_client::s3::Part;
use neargate_wire::read::Element;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource};
use crate::resources::s3::{self, tag, text};

pub struct BucketEncryption;

#[async_trait]
impl Resource for BucketEncryption {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["bucket", "expected_bucket_owner"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        put(cloud, planned).await?;
        Ok(planned.required("bucket"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let bucket = known.id();
        let Some(configuration) = s3::element(cloud, &bucket, Part::Encryption).await? else {
            return Ok(None);
        };
        // Whether a bucket's key is used is said only where it was asked for.
        let said = known.block("rule").map(|rule| rule.get("bucket_key_enabled").is_null());
        let rules: Vec<Json> =
            configuration.all("Rule").map(|rule| stated(rule, said == Some(true))).collect();
        known.extend(json!({ "bucket": bucket, "expected_bucket_owner": "", "rule": rules }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        put(cloud, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        s3::remove(cloud, &prior.id(), Part::Encryption).await
    }
}

fn stated(rule: &Element, is_unsaid: bool) -> Json {
    let default = rule.child("ApplyServerSideEncryptionByDefault").map(|default| {
        json!({
            "kms_master_key_id": default.text_of("KMSMasterKeyID").unwrap_or_default(),
            "sse_algorithm": default.text_of("SSEAlgorithm").unwrap_or_default(),
        })
    });
    let is_enabled = rule.text_of("BucketKeyEnabled") == Some("true");
    json!({
        "apply_server_side_encryption_by_default": default.into_iter().collect::<Vec<_>>(),
        "bucket_key_enabled": if is_unsaid && !is_enabled { Json::Null } else { json!(is_enabled) },
    })
}

async fn put(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    if planned.text("expected_bucket_owner").is_some() {
        return Err(Failure::told("expected_bucket_owner is not supported: leave it out"));
    }
    let rule = |rule: &Attributes| {
        let default = rule.block("apply_server_side_encryption_by_default").map(|default| {
            let algorithm = text("SSEAlgorithm", default.text("sse_algorithm"));
            let key = text("KMSMasterKeyID", default.text("kms_master_key_id"));
            tag("ApplyServerSideEncryptionByDefault", &format!("{algorithm}{key}"))
        });
        let bucket_key = text("BucketKeyEnabled", Some(rule.is("bucket_key_enabled")));
        tag("Rule", &format!("{}{bucket_key}", default.unwrap_or_default()))
    };
    let rules: String = planned.blocks("rule").iter().map(rule).collect();
    let document = s3::document("ServerSideEncryptionConfiguration", &rules);
    s3::put(cloud, &planned.required("bucket"), Part::Encryption, document).await
}
