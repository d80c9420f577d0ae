//! `aws_ecr_repository_policy`: who may push to and pull from a repository.

use async_trait::async_trait;
use neargate_api_types::ecr;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Resource, found};

pub struct RepositoryPolicy;

const MISSING: [&str; 2] = ["RepositoryNotFoundException", "RepositoryPolicyNotFoundException"];

#[async_trait]
impl Resource for RepositoryPolicy {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["repository"], json: &["policy"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let repository = planned.required("repository");
        put(cloud, &repository, planned).await?;
        Ok(repository)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input =
            ecr::GetRepositoryPolicyRequest { repository_name: known.id(), ..Default::default() };
        let answer = found(cloud.call::<ecr::GetRepositoryPolicy>(&input).await, &MISSING)?;
        let Some(answer) = answer else { return Ok(None) };
        let text = answer.policy_text.unwrap_or_default();
        known.extend(json!({
            "policy": policy::kept(known.text("policy"), &text),
            "registry_id": answer.registry_id,
            "repository": answer.repository_name,
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        put(cloud, &planned.id(), planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = ecr::DeleteRepositoryPolicyRequest {
            repository_name: prior.id(),
            ..Default::default()
        };
        found(cloud.call::<ecr::DeleteRepositoryPolicy>(&input).await, &MISSING)?;
        Ok(())
    }
}

async fn put(cloud: &Cloud, repository: &str, planned: &Attributes) -> Result<(), Failure> {
    let input = ecr::SetRepositoryPolicyRequest {
        policy_text: planned.required("policy"),
        repository_name: repository.to_owned(),
        ..Default::default()
    };
    cloud.call::<ecr::SetRepositoryPolicy>(&input).await?;
    Ok(())
}
