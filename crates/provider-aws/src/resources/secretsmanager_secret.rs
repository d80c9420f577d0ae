//! `aws_secretsmanager_secret`: its name, tags and policy. What it holds is
//! `aws_secretsmanager_secret_version`'s. Copies in other regions are not supported.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::secretsmanager::{self as api, Tag};
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::resources::security_group::prefix_of;
use crate::{policy, tags};

pub struct Secret;

pub const MISSING: [&str; 1] = ["ResourceNotFoundException"];

#[async_trait]
impl Resource for Secret {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["name", "name_prefix"],
            defaults: &[
                ("force_overwrite_replica_secret", Fallback::Bool(false)),
                ("recovery_window_in_days", Fallback::Number(30)),
            ],
            json: &["policy"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        without_copies(planned)?;
        let input = api::CreateSecretRequest {
            client_request_token: Some(cloud.client.once()),
            description: planned.string("description"),
            kms_key_id: planned.string("kms_key_id"),
            name: cloud.name_of(planned),
            tags: Some(list(planned.map("tags_all"))).filter(|tags| !tags.is_empty()),
            ..Default::default()
        };
        Ok(cloud.call::<api::CreateSecret>(&input).await?.arn.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        match planned.text("policy") {
            Some(_) => set_policy(cloud, planned).await,
            None => Ok(()),
        }
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let input = api::DescribeSecretRequest { secret_id: known.id() };
        let secret = found(cloud.call::<api::DescribeSecret>(&input).await, &MISSING)?;
        let Some(secret) = secret.filter(|secret| secret.deleted_date.is_none()) else {
            return Ok(None);
        };
        let input = api::GetResourcePolicyRequest { secret_id: known.id(), ..Default::default() };
        let document = cloud.call::<api::GetResourcePolicy>(&input).await?.resource_policy;
        let document = document.map(|document| policy::kept(known.text("policy"), &document));
        let name = secret.name.unwrap_or_default();
        known.extend(json!({
            "arn": secret.arn,
            "description": secret.description.unwrap_or_default(),
            "kms_key_id": secret.kms_key_id.unwrap_or_default(),
            "name_prefix": prefix_of(&name, &known),
            "name": name,
            "policy": document.unwrap_or_default(),
        }));
        let has = secret.tags.unwrap_or_default().into_iter();
        tags::set(
            &mut known,
            cloud,
            has.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect(),
        );
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        without_copies(planned)?;
        if prior.any_differs(planned, &["description", "kms_key_id"]) {
            let input = api::UpdateSecretRequest {
                client_request_token: Some(cloud.client.once()),
                description: Some(planned.required("description")),
                kms_key_id: planned.string("kms_key_id"),
                secret_id: planned.id(),
                ..Default::default()
            };
            cloud.call::<api::UpdateSecret>(&input).await?;
        }
        if prior.differs(planned, "policy") {
            set_policy(cloud, planned).await?;
        }
        let Some(tags::Changes { set, removed }) = tags::changes(prior, planned) else {
            return Ok(());
        };
        if !removed.is_empty() {
            let input = api::UntagResourceRequest { secret_id: planned.id(), tag_keys: removed };
            cloud.call::<api::UntagResource>(&input).await?;
        }
        if !set.is_empty() {
            let input = api::TagResourceRequest { secret_id: planned.id(), tags: list(set) };
            cloud.call::<api::TagResource>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let days = prior.number("recovery_window_in_days").unwrap_or(30);
        let input = api::DeleteSecretRequest {
            force_delete_without_recovery: (days == 0).then_some(true),
            recovery_window_in_days: (days != 0).then_some(days.into()),
            secret_id: prior.id(),
        };
        found(cloud.call::<api::DeleteSecret>(&input).await, &MISSING)?;
        Ok(())
    }

    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        Ok(Attributes::from(json!({
            "id": id,
            "force_overwrite_replica_secret": false,
            "recovery_window_in_days": 30,
        })))
    }
}

fn without_copies(planned: &Attributes) -> Result<(), Failure> {
    match planned.block("replica") {
        Some(_) => Err(Failure::told(
            "Copies of secrets in other regions are not supported: leave replica out",
        )),
        None => Ok(()),
    }
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect()
}

/// Writes the policy, or removes it.
async fn set_policy(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let secret_id = planned.id();
    match planned.string("policy").filter(|policy| !policy::same(policy, "{}")) {
        Some(resource_policy) => {
            let input =
                api::PutResourcePolicyRequest { resource_policy, secret_id, ..Default::default() };
            cloud.call::<api::PutResourcePolicy>(&input).await?;
        }
        None => {
            let input = api::DeleteResourcePolicyRequest { secret_id, ..Default::default() };
            cloud.call::<api::DeleteResourcePolicy>(&input).await?;
        }
    }
    Ok(())
}
