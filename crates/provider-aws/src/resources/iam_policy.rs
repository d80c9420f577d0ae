//! `aws_iam_policy`: a managed policy. Another document is another version, which becomes the
//! default; IAM keeps five, so the oldest makes room.

use std::collections::BTreeMap;

use async_trait::async_trait;
use neargate_api_types::iam;
use neargate_aws_client::pages;
use serde_json::json;

use super::security_group::prefix_of;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::{tags, waits};

pub struct Policy;

const MISSING: [&str; 1] = ["NoSuchEntity"];

/// Versions that IAM keeps of a policy.
const VERSIONS: usize = 5;

#[async_trait]
impl Resource for Policy {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["description", "name", "name_prefix", "path"],
            defaults: &[("path", Fallback::Text("/"))],
            json: &["policy"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = iam::CreatePolicyRequest {
            description: planned.string("description"),
            path: planned.string("path"),
            policy_document: planned.required("policy"),
            policy_name: cloud.name_of(planned),
            tags: Some(of_map(planned.map("tags_all"))).filter(|tags| !tags.is_empty()),
        };
        let policy = cloud.call::<iam::CreatePolicy>(&input).await?.policy.unwrap_or_default();
        Ok(policy.arn.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let policy_arn = known.id();
        let input = iam::GetPolicyRequest { policy_arn: policy_arn.clone() };
        let policy = found(cloud.call::<iam::GetPolicy>(&input).await, &MISSING)?;
        let Some(policy) = policy.and_then(|output| output.policy) else { return Ok(None) };
        let version_id = policy.default_version_id.unwrap_or_default();
        let input = iam::GetPolicyVersionRequest { policy_arn, version_id };
        let version = cloud.call::<iam::GetPolicyVersion>(&input).await?.policy_version;
        let document = version.unwrap_or_default().document.unwrap_or_default();
        let name = policy.policy_name.unwrap_or_default();
        let prefix = prefix_of(&name, &known);
        known.extend(json!({
            "arn": policy.arn,
            "attachment_count": policy.attachment_count.unwrap_or(0),
            "description": policy.description.unwrap_or_default(),
            "name": name,
            "name_prefix": prefix,
            "path": policy.path,
            "policy": policy::kept(known.text("policy"), &policy::unescaped(&document)),
            "policy_id": policy.policy_id,
        }));
        let pair = |tag: iam::Tag| (tag.key, tag.value);
        let tags = policy.tags.unwrap_or_default().into_iter().map(pair).collect();
        tags::set(&mut known, cloud, tags);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let policy_arn = planned.id();
        if prior.differs(planned, "policy") {
            make_room(cloud, &policy_arn).await?;
            let input = iam::CreatePolicyVersionRequest {
                policy_arn: policy_arn.clone(),
                policy_document: planned.required("policy"),
                set_as_default: Some(true),
            };
            cloud.call::<iam::CreatePolicyVersion>(&input).await?;
        }
        let Some(changes) = tags::changes(prior, planned) else { return Ok(()) };
        if !changes.removed.is_empty() {
            let (policy_arn, tag_keys) = (policy_arn.clone(), changes.removed);
            let input = iam::UntagPolicyRequest { policy_arn, tag_keys };
            cloud.call::<iam::UntagPolicy>(&input).await?;
        }
        if !changes.set.is_empty() {
            let input = iam::TagPolicyRequest { policy_arn, tags: of_map(changes.set) };
            cloud.call::<iam::TagPolicy>(&input).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let policy_arn = prior.id();
        let others = found(others(cloud, &policy_arn).await, &MISSING)?.unwrap_or_default();
        for version in others {
            remove(cloud, &policy_arn, version).await?;
        }
        let input = iam::DeletePolicyRequest { policy_arn: policy_arn.clone() };
        let what = format!("Policy {policy_arn}");
        waits::delete(cloud, &what, &MISSING, &["DeleteConflict"], || {
            cloud.call::<iam::DeletePolicy>(&input)
        })
        .await
    }
}

fn of_map(tags: BTreeMap<String, String>) -> Vec<iam::Tag> {
    tags.into_iter().map(|(key, value)| iam::Tag { key, value }).collect()
}

/// The versions that are not the default, oldest first.
async fn others(
    cloud: &Cloud,
    arn: &str,
) -> Result<Vec<iam::PolicyVersion>, neargate_aws_client::CallError> {
    let versions = pages(|marker| {
        let input = iam::ListPolicyVersionsRequest {
            marker,
            policy_arn: arn.to_owned(),
            ..Default::default()
        };
        async move {
            let page = cloud.call::<iam::ListPolicyVersions>(&input).await?;
            Ok((page.versions.unwrap_or_default(), page.marker))
        }
    });
    let mut others = versions.await?;
    others.retain(|version| version.is_default_version != Some(true));
    others.sort_by_key(|version| version.create_date);
    Ok(others)
}

async fn make_room(cloud: &Cloud, arn: &str) -> Result<(), Failure> {
    let others = others(cloud, arn).await?;
    if others.len() + 1 >= VERSIONS
        && let Some(oldest) = others.into_iter().next()
    {
        remove(cloud, arn, oldest).await?;
    }
    Ok(())
}

async fn remove(cloud: &Cloud, arn: &str, version: iam::PolicyVersion) -> Result<(), Failure> {
    let input = iam::DeletePolicyVersionRequest {
        policy_arn: arn.to_owned(),
        version_id: version.version_id.unwrap_or_default(),
    };
    found(cloud.call::<iam::DeletePolicyVersion>(&input).await, &MISSING)?;
    Ok(())
}
