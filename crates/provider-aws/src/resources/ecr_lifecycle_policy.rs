//! `aws_ecr_lifecycle_policy`: which images of a repository expire.

use async_trait::async_trait;
use neargate_api_types::ecr;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Resource, found};

pub struct LifecyclePolicy;

const MISSING: [&str; 2] = ["LifecyclePolicyNotFoundException", "RepositoryNotFoundException"];

#[async_trait]
impl Resource for LifecyclePolicy {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["policy", "repository"], json: &["policy"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let repository_name = planned.required("repository");
        let input = ecr::PutLifecyclePolicyRequest {
            lifecycle_policy_text: planned.required("policy"),
            repository_name: repository_name.clone(),
            ..Default::default()
        };
        cloud.call::<ecr::PutLifecyclePolicy>(&input).await?;
        Ok(repository_name)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let repository_name = known.id();
        let input = ecr::GetLifecyclePolicyRequest { repository_name, ..Default::default() };
        let answer = found(cloud.call::<ecr::GetLifecyclePolicy>(&input).await, &MISSING)?;
        let Some(policy) = answer else { return Ok(None) };
        let text = policy.lifecycle_policy_text.unwrap_or_default();
        known.extend(json!({
            "policy": policy::kept_or(known.text("policy"), text),
            "registry_id": policy.registry_id,
            "repository": policy.repository_name,
        }));
        Ok(Some(known))
    }

    /// Every change needs another one.
    async fn update(&self, _: &Cloud, _: &Attributes, _: &Attributes) -> Result<(), Failure> {
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let repository_name = prior.id();
        let input = ecr::DeleteLifecyclePolicyRequest { repository_name, ..Default::default() };
        found(cloud.call::<ecr::DeleteLifecyclePolicy>(&input).await, &MISSING)?;
        Ok(())
    }
}
