//! ListRolePolicies: the names of a role's own policies.

use neargate_api::types::iam::{ListRolePoliciesRequest, ListRolePoliciesResponse};
use neargate_api::{AwsError, Ctx};

use crate::{pages, role};

pub async fn call(
    ctx: Ctx,
    input: ListRolePoliciesRequest,
) -> Result<ListRolePoliciesResponse, AwsError> {
    let role = role::find(&ctx.snapshot(), &input.role_name)?;
    let names = role.inline_policies.keys().cloned();
    let page = pages::of(names, String::clone, input.marker.as_deref(), input.max_items)?;
    Ok(ListRolePoliciesResponse {
        policy_names: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
