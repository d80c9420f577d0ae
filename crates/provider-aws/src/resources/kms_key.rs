//! `aws_kms_key`. It is deleted by waiting for `deletion_window_in_days`: until then it is
//! pending, and counts as gone.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::kms;
use neargate_aws_client::{CallError, pages};
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::{policy, tags};

pub struct Key;

const MISSING: [&str; 1] = ["NotFoundException"];

const DEFAULT_POLICY: &str = "default";

#[async_trait]
impl Resource for Key {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "custom_key_store_id",
                "customer_master_key_spec",
                "key_usage",
                "multi_region",
                "xks_key_id",
            ],
            defaults: &[
                ("bypass_policy_lockout_safety_check", Fallback::Bool(false)),
                ("customer_master_key_spec", Fallback::Text("SYMMETRIC_DEFAULT")),
                ("enable_key_rotation", Fallback::Bool(false)),
                ("is_enabled", Fallback::Bool(true)),
                ("key_usage", Fallback::Text("ENCRYPT_DECRYPT")),
            ],
            json: &["policy"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = kms::CreateKeyRequest {
            bypass_policy_lockout_safety_check: planned.bool("bypass_policy_lockout_safety_check"),
            custom_key_store_id: planned.string("custom_key_store_id"),
            description: planned.string("description"),
            key_spec: planned.string("customer_master_key_spec"),
            key_usage: planned.string("key_usage"),
            multi_region: planned.bool("multi_region"),
            policy: planned.string("policy"),
            tags: Some(of_map(planned.map("tags_all"))).filter(|tags| !tags.is_empty()),
            xks_key_id: planned.string("xks_key_id"),
            ..Default::default()
        };
        let key = cloud.call::<kms::CreateKey>(&input).await?.key_metadata.unwrap_or_default();
        Ok(key.key_id)
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        if planned.is("enable_key_rotation") {
            rotate(cloud, planned).await?;
        }
        if planned.bool("is_enabled") == Some(false) {
            enable(cloud, planned).await?;
        }
        Ok(())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let key_id = known.id();
        let input = kms::DescribeKeyRequest { key_id: key_id.clone(), ..Default::default() };
        let key = found(cloud.call::<kms::DescribeKey>(&input).await, &MISSING)?;
        let key = key.and_then(|output| output.key_metadata);
        let Some(key) = key.filter(|key| key.deletion_date.is_none()) else { return Ok(None) };
        let policy_name = Some(DEFAULT_POLICY.to_owned());
        let input = kms::GetKeyPolicyRequest { key_id: key_id.clone(), policy_name };
        let document = cloud.call::<kms::GetKeyPolicy>(&input).await?.policy.unwrap_or_default();
        let rotates = key.key_spec.as_deref() == Some("SYMMETRIC_DEFAULT");
        let rotation = if rotates {
            let input = kms::GetKeyRotationStatusRequest { key_id: key_id.clone() };
            cloud.call::<kms::GetKeyRotationStatus>(&input).await?
        } else {
            Default::default()
        };
        let is_rotated = rotation.key_rotation_enabled.unwrap_or(false);
        let days = rotation.rotation_period_in_days.filter(|_| is_rotated);
        known.extend(json!({
            "arn": key.arn,
            "bypass_policy_lockout_safety_check": known.is("bypass_policy_lockout_safety_check"),
            "custom_key_store_id": key.custom_key_store_id.unwrap_or_default(),
            "customer_master_key_spec": key.key_spec,
            "description": key.description.unwrap_or_default(),
            "enable_key_rotation": is_rotated,
            "is_enabled": key.enabled,
            "key_id": key.key_id,
            "key_usage": key.key_usage,
            "multi_region": key.multi_region.unwrap_or(false),
            "policy": policy::kept(known.text("policy"), &document),
            "rotation_period_in_days": days.or_else(|| known.number("rotation_period_in_days")),
            "xks_key_id": "",
        }));
        tags::set(&mut known, cloud, tags_of(cloud, &key_id).await?);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let key_id = planned.id();
        let is_enabled = planned.bool("is_enabled") != Some(false);
        let switched = prior.differs(planned, "is_enabled");
        // A disabled key cannot be changed: it is switched on first, and off last.
        if switched && is_enabled {
            enable(cloud, planned).await?;
        }
        if prior.any_differs(planned, &["enable_key_rotation", "rotation_period_in_days"]) {
            rotate(cloud, planned).await?;
        }
        if prior.differs(planned, "description") {
            let description = planned.required("description");
            let input = kms::UpdateKeyDescriptionRequest { description, key_id: key_id.clone() };
            cloud.call::<kms::UpdateKeyDescription>(&input).await?;
        }
        if prior.differs(planned, "policy") {
            let input = kms::PutKeyPolicyRequest {
                bypass_policy_lockout_safety_check: planned
                    .bool("bypass_policy_lockout_safety_check"),
                key_id: key_id.clone(),
                policy: planned.required("policy"),
                policy_name: Some(DEFAULT_POLICY.to_owned()),
            };
            cloud.call::<kms::PutKeyPolicy>(&input).await?;
        }
        if let Some(changes) = tags::changes(prior, planned) {
            if !changes.removed.is_empty() {
                let (key_id, tag_keys) = (key_id.clone(), changes.removed);
                let input = kms::UntagResourceRequest { key_id, tag_keys };
                cloud.call::<kms::UntagResource>(&input).await?;
            }
            if !changes.set.is_empty() {
                let input = kms::TagResourceRequest { key_id, tags: of_map(changes.set) };
                cloud.call::<kms::TagResource>(&input).await?;
            }
        }
        if switched && !is_enabled {
            enable(cloud, planned).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input = kms::ScheduleKeyDeletionRequest {
            key_id: prior.id(),
            pending_window_in_days: prior.number("deletion_window_in_days"),
        };
        let scheduled = cloud.call::<kms::ScheduleKeyDeletion>(&input).await;
        // One that waits for it already is in a state of its own.
        found(scheduled, &["NotFoundException", "KMSInvalidStateException"])?;
        Ok(())
    }
}

/// # Errors
/// The service's.
pub async fn tags_of(cloud: &Cloud, key_id: &str) -> Result<BTreeMap<String, String>, CallError> {
    let tags = pages(|marker| {
        let input = kms::ListResourceTagsRequest {
            key_id: key_id.to_owned(),
            marker,
            ..Default::default()
        };
        async move {
            let page = cloud.call::<kms::ListResourceTags>(&input).await?;
            Ok((page.tags.unwrap_or_default(), page.next_marker))
        }
    });
    Ok(tags.await?.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
}

fn of_map(tags: BTreeMap<String, String>) -> Vec<kms::Tag> {
    tags.into_iter().map(|(tag_key, tag_value)| kms::Tag { tag_key, tag_value }).collect()
}

async fn enable(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let key_id = planned.id();
    if planned.bool("is_enabled") == Some(false) {
        cloud.call::<kms::DisableKey>(&kms::DisableKeyRequest { key_id }).await?;
    } else {
        cloud.call::<kms::EnableKey>(&kms::EnableKeyRequest { key_id }).await?;
    }
    Ok(())
}

async fn rotate(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let key_id = planned.id();
    if planned.is("enable_key_rotation") {
        let rotation_period_in_days = planned.number("rotation_period_in_days");
        let input = kms::EnableKeyRotationRequest { key_id, rotation_period_in_days };
        cloud.call::<kms::EnableKeyRotation>(&input).await?;
    } else {
        let input = kms::DisableKeyRotationRequest { key_id };
        cloud.call::<kms::DisableKeyRotation>(&input).await?;
    }
    Ok(())
}
