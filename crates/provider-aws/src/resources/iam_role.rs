//! `aws_iam_role`. Its policies are other resources' (`inline_policy` and
//! `managed_policy_arns` are shown, and refused where they are given).

use async_trait::async_trait;
use neargate_api_types::iam;
use neargate_aws_client::pages;
use serde_json::{Value as Json, json};

use super::security_group::prefix_of;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::policy;
use crate::resource::{Facts, Failure, Fallback, Resource, found};
use crate::{tags, waits};

pub struct Role;

const MISSING: [&str; 1] = ["NoSuchEntity"];

#[async_trait]
impl Resource for Role {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["name", "name_prefix", "path"],
            defaults: &[
                ("force_detach_policies", Fallback::Bool(false)),
                ("max_session_duration", Fallback::Number(3600)),
                ("path", Fallback::Text("/")),
            ],
            filled: &["inline_policy"],
            json: &["assume_role_policy"],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        if planned.block("inline_policy").is_some_and(|block| block.text("policy").is_some()) {
            let text = "inline_policy is not supported: use aws_iam_role_policy";
            return Err(Failure::told(text));
        }
        if planned.some_texts("managed_policy_arns").is_some() {
            let text = "managed_policy_arns is not supported: use aws_iam_role_policy_attachment";
            return Err(Failure::told(text));
        }
        let name = cloud.name_of(planned);
        let input = iam::CreateRoleRequest {
            assume_role_policy_document: planned.required("assume_role_policy"),
            description: planned.string("description"),
            max_session_duration: planned.number("max_session_duration"),
            path: planned.string("path"),
            permissions_boundary: planned.string("permissions_boundary"),
            role_name: name.clone(),
            tags: Some(of_map(planned.map("tags_all"))).filter(|tags| !tags.is_empty()),
        };
        cloud.call::<iam::CreateRole>(&input).await?;
        Ok(name)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let input = iam::GetRoleRequest { role_name: id.clone() };
        let Some(output) = found(cloud.call::<iam::GetRole>(&input).await, &MISSING)? else {
            return Ok(None);
        };
        let role = output.role;
        let document = policy::unescaped(&role.assume_role_policy_document.unwrap_or_default());
        let boundary = role.permissions_boundary.and_then(|b| b.permissions_boundary_arn);
        let (attached, inline) = (attached(cloud, &id).await?, inline(cloud, &id).await?);
        let prefix = prefix_of(&role.role_name, &known);
        known.extend(json!({
            "arn": role.arn,
            "assume_role_policy": policy::kept(known.text("assume_role_policy"), &document),
            "create_date": role.create_date.iso8601_secs(),
            "description": role.description.unwrap_or_default(),
            "force_detach_policies": known.is("force_detach_policies"),
            "inline_policy": inline,
            "managed_policy_arns": attached,
            "max_session_duration": role.max_session_duration.unwrap_or(3600),
            "name": role.role_name,
            "name_prefix": prefix,
            "path": role.path,
            "permissions_boundary": boundary.unwrap_or_default(),
            "unique_id": role.role_id,
        }));
        let pair = |tag: iam::Tag| (tag.key, tag.value);
        tags::set(&mut known, cloud, role.tags.unwrap_or_default().into_iter().map(pair).collect());
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let role_name = planned.id();
        if prior.differs(planned, "assume_role_policy") {
            let policy_document = planned.required("assume_role_policy");
            let input = iam::UpdateAssumeRolePolicyRequest {
                policy_document,
                role_name: role_name.clone(),
            };
            cloud.call::<iam::UpdateAssumeRolePolicy>(&input).await?;
        }
        if prior.any_differs(planned, &["description", "max_session_duration"]) {
            let input = iam::UpdateRoleRequest {
                description: Some(planned.required("description")),
                max_session_duration: planned.number("max_session_duration"),
                role_name: role_name.clone(),
            };
            cloud.call::<iam::UpdateRole>(&input).await?;
        }
        if prior.differs(planned, "permissions_boundary") {
            bound(cloud, planned).await?;
        }
        let Some(changes) = tags::changes(prior, planned) else { return Ok(()) };
        if !changes.removed.is_empty() {
            let (role_name, tag_keys) = (role_name.clone(), changes.removed);
            cloud.call::<iam::UntagRole>(&iam::UntagRoleRequest { role_name, tag_keys }).await?;
        }
        if !changes.set.is_empty() {
            let tags = of_map(changes.set);
            cloud.call::<iam::TagRole>(&iam::TagRoleRequest { role_name, tags }).await?;
        }
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let role_name = prior.id();
        if prior.is("force_detach_policies") {
            for policy_arn in
                found(attached_or_call(cloud, &role_name).await, &MISSING)?.unwrap_or_default()
            {
                let role_name = role_name.clone();
                let input = iam::DetachRolePolicyRequest { policy_arn, role_name };
                found(cloud.call::<iam::DetachRolePolicy>(&input).await, &MISSING)?;
            }
        }
        let input = iam::DeleteRoleRequest { role_name: role_name.clone() };
        let what = format!("Role {role_name}");
        waits::delete(cloud, &what, &MISSING, &["DeleteConflict"], || {
            cloud.call::<iam::DeleteRole>(&input)
        })
        .await
    }
}

fn of_map(tags: std::collections::BTreeMap<String, String>) -> Vec<iam::Tag> {
    tags.into_iter().map(|(key, value)| iam::Tag { key, value }).collect()
}

async fn bound(cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
    let role_name = planned.id();
    match planned.string("permissions_boundary") {
        Some(permissions_boundary) => {
            let input = iam::PutRolePermissionsBoundaryRequest { permissions_boundary, role_name };
            cloud.call::<iam::PutRolePermissionsBoundary>(&input).await?;
        }
        None => {
            let input = iam::DeleteRolePermissionsBoundaryRequest { role_name };
            cloud.call::<iam::DeleteRolePermissionsBoundary>(&input).await?;
        }
    }
    Ok(())
}

async fn attached(cloud: &Cloud, role: &str) -> Result<Vec<String>, Failure> {
    Ok(attached_or_call(cloud, role).await?)
}

async fn attached_or_call(
    cloud: &Cloud,
    role: &str,
) -> Result<Vec<String>, neargate_aws_client::CallError> {
    pages(|marker| {
        let role_name = role.to_owned();
        let input =
            iam::ListAttachedRolePoliciesRequest { marker, role_name, ..Default::default() };
        async move {
            let page = cloud.call::<iam::ListAttachedRolePolicies>(&input).await?;
            let arns = page.attached_policies.unwrap_or_default().into_iter();
            Ok((arns.filter_map(|policy| policy.policy_arn).collect(), page.marker))
        }
    })
    .await
}

async fn inline(cloud: &Cloud, role: &str) -> Result<Vec<Json>, Failure> {
    let names = pages(|marker| {
        let role_name = role.to_owned();
        let input = iam::ListRolePoliciesRequest { marker, role_name, ..Default::default() };
        async move {
            let page = cloud.call::<iam::ListRolePolicies>(&input).await?;
            Ok((page.policy_names, page.marker))
        }
    });
    let mut blocks = Vec::new();
    for policy_name in names.await? {
        let input = iam::GetRolePolicyRequest { policy_name, role_name: role.to_owned() };
        let output = cloud.call::<iam::GetRolePolicy>(&input).await?;
        let document = policy::unescaped(&output.policy_document);
        blocks.push(json!({ "name": output.policy_name, "policy": document }));
    }
    Ok(blocks)
}
