//! `aws_cloudwatch_log_group`.

use async_trait::async_trait;
use neargate_api_types::logs;
use neargate_aws_client::pages;
use serde_json::json;

use super::security_group::prefix_of;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::tags;

pub struct LogGroup;

const MISSING: [&str; 1] = ["ResourceNotFoundException"];

#[async_trait]
impl Resource for LogGroup {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["log_group_class", "name", "name_prefix"],
            defaults: &[("skip_destroy", Fallback::Bool(false))],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let name = cloud.name_of(planned);
        let input = logs::CreateLogGroupRequest {
            kms_key_id: planned.string("kms_key_id"),
            log_group_class: planned.string("log_group_class"),
            log_group_name: name.clone(),
            tags: Some(planned.map("tags_all")).filter(|tags| !tags.is_empty()),
            ..Default::default()
        };
        cloud.call::<logs::CreateLogGroup>(&input).await?;
        Ok(name)
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        if planned.number("retention_in_days").unwrap_or(0) != 0 {
            retain(cloud, planned).await?;
        }
        Ok(())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let groups = pages(|next_token| {
            let input = logs::DescribeLogGroupsRequest {
                log_group_name_prefix: Some(id.clone()),
                next_token,
                ..Default::default()
            };
            async move {
                let page = cloud.call::<logs::DescribeLogGroups>(&input).await?;
                Ok((page.log_groups.unwrap_or_default(), page.next_token))
            }
        });
        let mut groups = groups.await?.into_iter();
        let group = groups.find(|group| group.log_group_name.as_deref() == Some(id.as_str()));
        let Some(group) = group else { return Ok(None) };
        let arn = group.arn.unwrap_or_default().trim_end_matches(":*").to_owned();
        let input = logs::ListTagsForResourceRequest { resource_arn: arn.clone() };
        let tags = cloud.call::<logs::ListTagsForResource>(&input).await?.tags;
        let prefix = prefix_of(&id, &known);
        known.extend(json!({
            "arn": arn,
            "kms_key_id": group.kms_key_id.unwrap_or_default(),
            "log_group_class": group.log_group_class.unwrap_or_default(),
            "name": id,
            "name_prefix": prefix,
            "retention_in_days": group.retention_in_days.unwrap_or(0),
            "skip_destroy": known.is("skip_destroy"),
        }));
        tags::set(&mut known, cloud, tags.unwrap_or_default());
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        if prior.differs(planned, "retention_in_days") {
            retain(cloud, planned).await?;
        }
        if prior.differs(planned, "kms_key_id") {
            encrypt(cloud, planned).await?;
        }
        let Some(changes) = tags::changes(prior, planned) else { return Ok(()) };
        let resource_arn = planned.required("arn");
        if !changes.removed.is_empty() {
            let (resource_arn, tag_keys) = (resource_arn.clone(), changes.removed);
            let input = logs::UntagResourceRequest { resource_arn, tag_keys };
            cloud.call::<logs::UntagResource>(&input).await?;
        }
        if !changes.set.is_empty() {
            let input = logs::TagResourceRequest { resource_arn, tags: changes.set };
            cloud.call::<logs::TagResource>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        if prior.is("skip_destroy") {
            return Ok(());
        }
        let input = logs::DeleteLogGroupRequest { log_group_name: prior.id() };
        found(cloud.call::<logs::DeleteLogGroup>(&input).await, &MISSING)?;
        Ok(())
    }
}

/// Zero days are for ever.
async fn retain(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let log_group_name = planned.id();
    match planned.number("retention_in_days").filter(|days| *days != 0) {
        Some(retention_in_days) => {
            let input = logs::PutRetentionPolicyRequest { log_group_name, retention_in_days };
            cloud.call::<logs::PutRetentionPolicy>(&input).await?;
        }
        None => {
            let input = logs::DeleteRetentionPolicyRequest { log_group_name };
            cloud.call::<logs::DeleteRetentionPolicy>(&input).await?;
        }
    }
    Ok(())
}

async fn encrypt(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let log_group_name = Some(planned.id());
    match planned.string("kms_key_id") {
        Some(kms_key_id) => {
            let input =
                logs::AssociateKmsKeyRequest { kms_key_id, log_group_name, ..Default::default() };
            cloud.call::<logs::AssociateKmsKey>(&input).await?;
        }
        None => {
            let input = logs::DisassociateKmsKeyRequest { log_group_name, ..Default::default() };
            cloud.call::<logs::DisassociateKmsKey>(&input).await?;
        }
    }
    Ok(())
}
