//! ListAttachedRolePolicies, and ListEntitiesForPolicy: the same from the other end.

use neargate_api::model::iam::Role;
use neargate_api::types::iam::{
    AttachedPolicy, ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse,
    ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, PolicyRole,
};
use neargate_api::{AwsError, Ctx};

use crate::{pages, policy, role};

pub async fn of_role(
    ctx: Ctx,
    input: ListAttachedRolePoliciesRequest,
) -> Result<ListAttachedRolePoliciesResponse, AwsError> {
    let role = role::find(&ctx.snapshot(), &input.role_name)?;
    let prefix = input.path_prefix.unwrap_or_else(|| "/".into());
    let all = role.attached_policies.iter().filter(|arn| policy::path_in(arn).starts_with(&prefix));
    let page = pages::of(all, |arn| (*arn).clone(), input.marker.as_deref(), input.max_items)?;
    let shown = |arn: &String| AttachedPolicy {
        policy_arn: Some(arn.clone()),
        policy_name: arn.rsplit('/').next().map(str::to_owned),
    };
    Ok(ListAttachedRolePoliciesResponse {
        attached_policies: Some(page.items.into_iter().map(shown).collect()),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

pub async fn of_policy(
    ctx: Ctx,
    input: ListEntitiesForPolicyRequest,
) -> Result<ListEntitiesForPolicyResponse, AwsError> {
    let snapshot = ctx.snapshot();
    policy::shown(&snapshot, &input.policy_arn)?;
    let prefix = input.path_prefix.unwrap_or_else(|| "/".into());
    let as_boundary = input.policy_usage_filter.as_deref() == Some("PermissionsBoundary");
    let wants_roles = matches!(input.entity_filter.as_deref(), None | Some("Role"));
    let uses = |role: &Role| match as_boundary {
        true => role.permissions_boundary.as_ref() == Some(&input.policy_arn),
        false => role.attached_policies.contains(&input.policy_arn),
    };
    let all = snapshot
        .all::<Role>()
        .filter(|role| wants_roles && role.path.starts_with(&prefix) && uses(role));
    let page = pages::of(all, |r| r.name.clone(), input.marker.as_deref(), input.max_items)?;
    let shown = |role: &Role| PolicyRole {
        role_id: Some(role.role_id.clone()),
        role_name: Some(role.name.clone()),
    };
    Ok(ListEntitiesForPolicyResponse {
        policy_groups: Some(Vec::new()),
        policy_roles: Some(page.items.iter().map(|role| shown(role)).collect()),
        policy_users: Some(Vec::new()),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
