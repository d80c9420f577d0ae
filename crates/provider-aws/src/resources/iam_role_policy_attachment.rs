//! `aws_iam_role_policy_attachment`: a managed policy of a role.

use async_trait::async_trait;
use neargate_api_types::iam;
use neargate_aws_client::pages;
use serde_json::json;

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};

pub struct RolePolicyAttachment;

const MISSING: [&str; 1] = ["NoSuchEntity"];

#[async_trait]
impl Resource for RolePolicyAttachment {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["policy_arn", "role"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let (policy_arn, role_name) = (planned.required("policy_arn"), planned.required("role"));
        let id = cloud.unique_name(Some(&format!("{role_name}-")));
        let input = iam::AttachRolePolicyRequest { policy_arn, role_name };
        cloud.call::<iam::AttachRolePolicy>(&input).await?;
        Ok(id)
    }

    async fn read(&self, cloud: &Cloud, known: Attributes) -> Result<Option<Attributes>, Failure> {
        let (role, arn) = (known.required("role"), known.required("policy_arn"));
        let attached = pages(|marker| {
            let role_name = role.clone();
            let input =
                iam::ListAttachedRolePoliciesRequest { marker, role_name, ..Default::default() };
            async move {
                let page = cloud.call::<iam::ListAttachedRolePolicies>(&input).await?;
                Ok((page.attached_policies.unwrap_or_default(), page.marker))
            }
        });
        let attached = found(attached.await, &MISSING)?.unwrap_or_default();
        let is = attached.iter().any(|policy| policy.policy_arn.as_deref() == Some(arn.as_str()));
        Ok(is.then_some(known))
    }

    async fn update(&self, _: &Cloud, _: &Attributes, _: &Attributes) -> Result<(), Failure> {
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let (policy_arn, role_name) = (prior.required("policy_arn"), prior.required("role"));
        let input = iam::DetachRolePolicyRequest { policy_arn, role_name };
        found(cloud.call::<iam::DetachRolePolicy>(&input).await, &MISSING)?;
        Ok(())
    }

    /// `ROLE/POLICY-ARN`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let Some((role, arn)) = id.split_once('/') else {
            return Err(Failure::told(format!("{id} is not of the form ROLE/POLICY-ARN")));
        };
        let id = format!("{role}-{arn}");
        Ok(Attributes::from(json!({ "id": id, "policy_arn": arn, "role": role })))
    }
}
