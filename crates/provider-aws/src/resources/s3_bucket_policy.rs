//! `aws_s3_bucket_policy`: who may what with a bucket.

use async_trait::async_trait;
use neargate_aws_client::s3::Part;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Resource};
use crate::resources::s3;

pub struct BucketPolicy;

#[async_trait]
impl Resource for BucketPolicy {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["bucket"], json: &["policy"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let bucket = planned.required("bucket");
        s3::put(cloud, &bucket, Part::Policy, planned.required("policy")).await?;
        Ok(bucket)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let bucket = known.id();
        let Some(document) = s3::get(cloud, &bucket, Part::Policy).await? else { return Ok(None) };
        let policy = policy::kept(known.text("policy"), &document);
        known.extend(json!({ "bucket": bucket, "policy": policy }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        s3::put(cloud, &planned.id(), Part::Policy, planned.required("policy")).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        s3::remove(cloud, &prior.id(), Part::Policy).await
    }
}
