//! DetachRolePolicy.

use neargate_api::types::iam::{DetachRolePolicyOutput, DetachRolePolicyRequest};
use neargate_api::{AwsError, Ctx};

use crate::{policy, role};

pub async fn call(
    ctx: Ctx,
    input: DetachRolePolicyRequest,
) -> Result<DetachRolePolicyOutput, AwsError> {
    policy::check_arn(&input.policy_arn)?;
    ctx.write(move |tx| {
        if !role::find_own(tx, &input.role_name)?.attached_policies.contains(&input.policy_arn) {
            return Err(policy::not_found(&input.policy_arn));
        }
        role::change(tx, &input.role_name, |role| {
            role.attached_policies.remove(&input.policy_arn);
        })?;
        Ok(DetachRolePolicyOutput {})
    })
    .await
}
