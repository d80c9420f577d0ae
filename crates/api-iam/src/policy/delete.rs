//! DeletePolicy: only once nobody has it, and only its default version is left.

use neargate_api::model::iam::{ManagedPolicy, Role};
use neargate_api::types::iam::{DeletePolicyOutput, DeletePolicyRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::policy;

pub async fn call(ctx: Ctx, input: DeletePolicyRequest) -> Result<DeletePolicyOutput, AwsError> {
    ctx.write(move |tx| {
        let arn = &input.policy_arn;
        let found = policy::find_own(tx, arn)?;
        let in_use = |role: &Role| {
            role.attached_policies.contains(arn) || role.permissions_boundary.as_ref() == Some(arn)
        };
        if tx.all::<Role>().any(|role| in_use(&role)) {
            return Err(error::delete_conflict_exception(
                "Cannot delete a policy attached to entities.",
            ));
        }
        if found.versions.len() > 1 {
            return Err(error::delete_conflict_exception(
                "This policy has more than one version. Before you delete a policy, you must \
                 delete the policy's versions. The default version is deleted with the policy.",
            ));
        }
        tx.delete::<ManagedPolicy>(arn);
        Ok(DeletePolicyOutput {})
    })
    .await
}
