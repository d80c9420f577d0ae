//! `aws_s3_bucket_public_access_block`: what keeps a bucket private, whatever its policy
//! and its lists say.

use async_trait::async_trait;
use neargate_aws_client::s3::Part;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource};
use crate::resources::s3;

pub struct PublicAccessBlock;

/// Ours, S3's.
const SETTINGS: [(&str, &str); 4] = [
    ("block_public_acls", "BlockPublicAcls"),
    ("ignore_public_acls", "IgnorePublicAcls"),
    ("block_public_policy", "BlockPublicPolicy"),
    ("restrict_public_buckets", "RestrictPublicBuckets"),
];

#[async_trait]
impl Resource for PublicAccessBlock {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["bucket"],
            defaults: &[
                ("block_public_acls", Fallback::Bool(false)),
                ("block_public_policy", Fallback::Bool(false)),
                ("ignore_public_acls", Fallback::Bool(false)),
                ("restrict_public_buckets", Fallback::Bool(false)),
            ],
            ..Facts::NONE
        }
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
        let part = s3::element(cloud, &bucket, Part::PublicAccessBlock).await?;
        let Some(block) = part else { return Ok(None) };
        known.set("bucket", bucket);
        for (ours, theirs) in SETTINGS {
            known.set(ours, block.text_of(theirs) == Some("true"));
        }
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
        s3::remove(cloud, &prior.id(), Part::PublicAccessBlock).await
    }
}

async fn put(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let setting = |(ours, theirs): (&str, &str)| s3::text(theirs, Some(planned.is(ours)));
    let inner: String = SETTINGS.into_iter().map(setting).collect();
    let document = s3::document("PublicAccessBlockConfiguration", &inner);
    s3::put(cloud, &planned.required("bucket"), Part::PublicAccessBlock, document).await
}
