//! DeleteRolePolicy.

use neargate_api::types::iam::{DeleteRolePolicyOutput, DeleteRolePolicyRequest};
use neargate_api::{AwsError, Ctx};

use crate::role;

pub async fn call(
    ctx: Ctx,
    input: DeleteRolePolicyRequest,
) -> Result<DeleteRolePolicyOutput, AwsError> {
    ctx.write(move |tx| {
        if !role::find_own(tx, &input.role_name)?.inline_policies.contains_key(&input.policy_name) {
            return Err(super::not_found(&input.policy_name));
        }
        role::change(tx, &input.role_name, |role| {
            role.inline_policies.remove(&input.policy_name);
        })?;
        Ok(DeleteRolePolicyOutput {})
    })
    .await
}
