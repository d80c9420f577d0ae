//! `aws_iam_role_policy`: a policy inside a role.

use async_trait::async_trait;
use neargate_api_types::iam;
use serde_json::json;

use super::security_group::prefix_of;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Resource, found};

pub struct RolePolicy;

const MISSING: [&str; 1] = ["NoSuchEntity"];

#[async_trait]
impl Resource for RolePolicy {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["name", "name_prefix", "role"], json: &["policy"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let (role, name) = (planned.required("role"), cloud.name_of(planned));
        put(cloud, &role, &name, planned).await?;
        Ok(format!("{role}:{name}"))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let (role, name) = parts(&known.id())?;
        let input = iam::GetRolePolicyRequest { policy_name: name, role_name: role };
        let Some(output) = found(cloud.call::<iam::GetRolePolicy>(&input).await, &MISSING)? else {
            return Ok(None);
        };
        let document = policy::unescaped(&output.policy_document);
        let prefix = prefix_of(&output.policy_name, &known);
        known.extend(json!({
            "name": output.policy_name,
            "name_prefix": prefix,
            "policy": policy::kept_or(known.text("policy"), document),
            "role": output.role_name,
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let (role, name) = parts(&planned.id())?;
        put(cloud, &role, &name, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let (role_name, policy_name) = parts(&prior.id())?;
        let input = iam::DeleteRolePolicyRequest { policy_name, role_name };
        found(cloud.call::<iam::DeleteRolePolicy>(&input).await, &MISSING)?;
        Ok(())
    }
}

async fn put(cloud: &Cloud, role: &str, name: &str, planned: &Attributes) -> Result<(), Failure> {
    let input = iam::PutRolePolicyRequest {
        policy_document: planned.required("policy"),
        policy_name: name.to_owned(),
        role_name: role.to_owned(),
    };
    cloud.call::<iam::PutRolePolicy>(&input).await?;
    Ok(())
}

/// `ROLE:POLICY`.
fn parts(id: &str) -> Result<(String, String), Failure> {
    let Some((role, name)) = id.split_once(':') else {
        return Err(Failure::told(format!("{id} is not of the form ROLE:POLICY")));
    };
    Ok((role.to_owned(), name.to_owned()))
}
