//! GetRolePolicy.

use neargate_api::types::iam::{GetRolePolicyRequest, GetRolePolicyResponse};
use neargate_api::{AwsError, Ctx};

use crate::{document, role};

pub async fn call(
    ctx: Ctx,
    input: GetRolePolicyRequest,
) -> Result<GetRolePolicyResponse, AwsError> {
    let role = role::find(&ctx.snapshot(), &input.role_name)?;
    let text = role.inline_policies.get(&input.policy_name);
    let text = text.ok_or_else(|| super::not_found(&input.policy_name))?;
    Ok(GetRolePolicyResponse {
        policy_document: document::encoded(text),
        policy_name: input.policy_name,
        role_name: input.role_name,
    })
}
