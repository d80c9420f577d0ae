//! ListRoles, and ListInstanceProfilesForRole.

use neargate_api::model::iam::Role;
use neargate_api::types::iam::{
    ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse, ListRolesRequest,
    ListRolesResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::{pages, role};

pub async fn call(ctx: Ctx, input: ListRolesRequest) -> Result<ListRolesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = input.path_prefix.unwrap_or_else(|| "/".into());
    let roles = snapshot.all::<Role>().filter(|role| role.path.starts_with(&prefix));
    let page = pages::of(roles, |r| r.name.clone(), input.marker.as_deref(), input.max_items)?;
    Ok(ListRolesResponse {
        roles: page.items.iter().map(|role| role::listed(role)).collect(),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

/// Instance profiles are of EC2's instances, which Neargate has none of: no operation makes one.
pub async fn instance_profiles(
    ctx: Ctx,
    input: ListInstanceProfilesForRoleRequest,
) -> Result<ListInstanceProfilesForRoleResponse, AwsError> {
    role::find(&ctx.snapshot(), &input.role_name)?;
    Ok(ListInstanceProfilesForRoleResponse {
        instance_profiles: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}
