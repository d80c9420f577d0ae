//! AttachRolePolicy. Attaching what is attached changes nothing.

use neargate_api::types::iam::{AttachRolePolicyOutput, AttachRolePolicyRequest, error};
use neargate_api::{AwsError, Ctx};

use super::POLICIES_PER_ROLE;
use crate::{policy, role};

pub async fn call(
    ctx: Ctx,
    input: AttachRolePolicyRequest,
) -> Result<AttachRolePolicyOutput, AwsError> {
    let AttachRolePolicyRequest { policy_arn, role_name } = input;
    policy::check_arn(&policy_arn)?;
    ctx.write(move |tx| {
        role::find_own(tx, &role_name)?;
        if policy::document(tx, &policy_arn).is_none() {
            return Err(error::no_such_entity_exception(format!(
                "Policy {policy_arn} does not exist or is not attachable."
            )));
        }
        let role = role::change(tx, &role_name, |role| {
            role.attached_policies.insert(policy_arn);
        })?;
        if role.attached_policies.len() > POLICIES_PER_ROLE {
            return Err(error::limit_exceeded_exception(format!(
                "Cannot exceed quota for PoliciesPerRole: {POLICIES_PER_ROLE}"
            )));
        }
        Ok(AttachRolePolicyOutput {})
    })
    .await
}
