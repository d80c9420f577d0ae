//! `aws_s3_bucket_versioning`. Once on, it can be suspended, but not taken away: a
//! delete suspends it.

use async_trait::async_trait;
use neargate_aws_client::s3::Part;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource};
use crate::resources::s3::{self, text};

pub struct BucketVersioning;

/// The status of a bucket that never had versions, in the configuration only.
const DISABLED: &str = "Disabled";

#[async_trait]
impl Resource for BucketVersioning {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["bucket", "expected_bucket_owner"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        supported(planned)?;
        put(cloud, planned).await?;
        Ok(planned.required("bucket"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let bucket = known.id();
        let part = s3::element(cloud, &bucket, Part::Versioning).await?;
        let Some(configuration) = part else { return Ok(None) };
        let status = configuration.text_of("Status").unwrap_or(DISABLED);
        let mfa_delete = configuration.text_of("MfaDelete").unwrap_or_default();
        known.extend(json!({
            "bucket": bucket,
            "expected_bucket_owner": "",
            "versioning_configuration": [{ "mfa_delete": mfa_delete, "status": status }],
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        supported(planned)?;
        put(cloud, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        if status(prior) == DISABLED || !s3::bucket(cloud, &prior.id()).exists().await? {
            return Ok(());
        }
        let document = s3::document("VersioningConfiguration", &text("Status", Some("Suspended")));
        s3::put(cloud, &prior.id(), Part::Versioning, document).await
    }
}

fn supported(planned: &Attributes) -> Result<(), Failure> {
    match planned.text("mfa").or_else(|| planned.text("expected_bucket_owner")) {
        Some(_) => Err(Failure::told(
            "aws_s3_bucket_versioning does not support mfa and expected_bucket_owner: leave them out",
        )),
        None => Ok(()),
    }
}

fn status(attributes: &Attributes) -> String {
    attributes.block("versioning_configuration").unwrap_or_default().required("status")
}

async fn put(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let status = status(planned);
    if status == DISABLED {
        return Ok(());
    }
    let document = s3::document("VersioningConfiguration", &text("Status", Some(status)));
    s3::put(cloud, &planned.required("bucket"), Part::Versioning, document).await
}
