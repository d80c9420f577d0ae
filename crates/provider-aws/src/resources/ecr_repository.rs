//! `aws_ecr_repository`.

use async_trait::async_trait;
use neargate_api_types::ecr;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::tags;

pub struct Repository;

const MISSING: [&str; 1] = ["RepositoryNotFoundException"];

#[async_trait]
impl Resource for Repository {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["encryption_configuration", "name"],
            defaults: &[
                ("encryption_configuration.encryption_type", Fallback::Text("AES256")),
                ("image_tag_mutability", Fallback::Text("MUTABLE")),
            ],
            emptied: &["encryption_configuration", "image_scanning_configuration"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let name = planned.required("name");
        let encryption = planned.block("encryption_configuration");
        let input = ecr::CreateRepositoryRequest {
            encryption_configuration: encryption.map(|given| ecr::EncryptionConfiguration {
                encryption_type: given.required("encryption_type"),
                kms_key: given.string("kms_key"),
            }),
            image_scanning_configuration: planned
                .block("image_scanning_configuration")
                .map(scanning),
            image_tag_mutability: planned.string("image_tag_mutability"),
            repository_name: name.clone(),
            tags: given(planned),
            ..Default::default()
        };
        cloud.call::<ecr::CreateRepository>(&input).await?;
        Ok(name)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = ecr::DescribeRepositoriesRequest {
            repository_names: Some(vec![known.id()]),
            ..Default::default()
        };
        let described = found(cloud.call::<ecr::DescribeRepositories>(&input).await, &MISSING)?;
        let repository = described.and_then(|output| output.repositories?.into_iter().next());
        let Some(repository) = repository else { return Ok(None) };
        let encryption = repository.encryption_configuration.map(|encryption| {
            json!([{
                "encryption_type": encryption.encryption_type,
                "kms_key": encryption.kms_key.unwrap_or_default(),
            }])
        });
        let scanning = repository
            .image_scanning_configuration
            .map(|scanning| json!([{ "scan_on_push": scanning.scan_on_push.unwrap_or(false) }]));
        let arn = repository.repository_arn.unwrap_or_default();
        let input = ecr::ListTagsForResourceRequest { resource_arn: arn.clone() };
        let has = cloud.call::<ecr::ListTagsForResource>(&input).await?.tags.unwrap_or_default();
        known.extend(json!({
            "arn": arn,
            "encryption_configuration": encryption.unwrap_or(Json::Array(Vec::new())),
            "image_scanning_configuration": scanning.unwrap_or(Json::Array(Vec::new())),
            "image_tag_mutability": repository.image_tag_mutability,
            "name": repository.repository_name,
            "registry_id": repository.registry_id,
            "repository_url": repository.repository_uri,
        }));
        tags::set(&mut known, cloud, has.into_iter().map(|tag| (tag.key, tag.value)).collect());
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let repository_name = planned.id();
        if prior.differs(planned, "image_tag_mutability") {
            let input = ecr::PutImageTagMutabilityRequest {
                image_tag_mutability: planned.required("image_tag_mutability"),
                repository_name: repository_name.clone(),
                ..Default::default()
            };
            cloud.call::<ecr::PutImageTagMutability>(&input).await?;
        }
        if prior.differs(planned, "image_scanning_configuration") {
            let wanted = planned.block("image_scanning_configuration").unwrap_or_default();
            let input = ecr::PutImageScanningConfigurationRequest {
                image_scanning_configuration: scanning(wanted),
                repository_name,
                ..Default::default()
            };
            cloud.call::<ecr::PutImageScanningConfiguration>(&input).await?;
        }
        retag(cloud, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = ecr::DeleteRepositoryRequest {
            force: Some(prior.is("force_delete")),
            repository_name: prior.id(),
            ..Default::default()
        };
        found(cloud.call::<ecr::DeleteRepository>(&input).await, &MISSING)?;
        Ok(())
    }
}

fn scanning(block: Attributes) -> ecr::ImageScanningConfiguration {
    ecr::ImageScanningConfiguration { scan_on_push: Some(block.is("scan_on_push")) }
}

fn given(planned: &Attributes) -> Option<Vec<ecr::Tag>> {
    let tags = planned.map("tags_all").into_iter().map(|(key, value)| ecr::Tag { key, value });
    Some(tags.collect()).filter(|tags: &Vec<_>| !tags.is_empty())
}

async fn retag(cloud: &Cloud, prior: &Attributes, planned: &Attributes) -> Result<(), Failure> {
    let Some(changes) = tags::changes(prior, planned) else { return Ok(()) };
    let resource_arn = planned.required("arn");
    if !changes.removed.is_empty() {
        let (resource_arn, tag_keys) = (resource_arn.clone(), changes.removed);
        cloud
            .call::<ecr::UntagResource>(&ecr::UntagResourceRequest { resource_arn, tag_keys })
            .await?;
    }
    if !changes.set.is_empty() {
        let tags = changes.set.into_iter().map(|(key, value)| ecr::Tag { key, value }).collect();
        cloud.call::<ecr::TagResource>(&ecr::TagResourceRequest { resource_arn, tags }).await?;
    }
    Ok(())
}
