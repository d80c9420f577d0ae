//! `aws_s3_bucket_lifecycle_configuration`: when objects of a bucket move and go.

mod xml;

use async_trait::async_trait;
use neargate_aws_client::s3::Part;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource};
use crate::resources::s3;

pub struct BucketLifecycle;

#[async_trait]
impl Resource for BucketLifecycle {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["bucket", "expected_bucket_owner"],
            defaults: &[
                ("expected_bucket_owner", Fallback::Text("")),
                (
                    "transition_default_minimum_object_size",
                    Fallback::Text("all_storage_classes_128K"),
                ),
            ],
            exact: true,
            given: &["rule.filter.prefix"],
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
        let Some(configuration) = s3::element(cloud, &bucket, Part::Lifecycle).await? else {
            return Ok(None);
        };
        let rules: Vec<Json> = configuration.all("Rule").map(xml::read).collect();
        // S3 gives the rules in the order of their ids.
        let order: Vec<String> =
            known.blocks("rule").iter().map(|rule| rule.required("id")).collect();
        let place = |rule: &Json| {
            let id = rule["id"].as_str().unwrap_or_default();
            order.iter().position(|known| known == id).unwrap_or(order.len())
        };
        let mut rules = rules;
        rules.sort_by_key(place);
        known.extend(json!({
            "bucket": bucket,
            "expected_bucket_owner": "",
            "rule": rules,
            "transition_default_minimum_object_size": known
                .string("transition_default_minimum_object_size")
                .unwrap_or_else(|| "all_storage_classes_128K".to_owned()),
        }));
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
        s3::remove(cloud, &prior.id(), Part::Lifecycle).await
    }
}

async fn put(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let size = planned.text("transition_default_minimum_object_size");
    if planned.text("expected_bucket_owner").is_some() || size == Some("varies_by_storage_class") {
        return Err(Failure::told(
            "expected_bucket_owner and varies_by_storage_class are not supported: leave them out",
        ));
    }
    let rules: String = planned.blocks("rule").iter().map(xml::write).collect();
    let document = s3::document("LifecycleConfiguration", &rules);
    s3::put(cloud, &planned.required("bucket"), Part::Lifecycle, document).await
}
