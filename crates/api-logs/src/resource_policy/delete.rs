//! DeleteResourcePolicy.

use neargate_api::model::logs::ResourcePolicy;
use neargate_api::types::logs::{DeleteResourcePolicyOutput, DeleteResourcePolicyRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::resource_policy;

pub async fn call(
    ctx: Ctx,
    input: DeleteResourcePolicyRequest,
) -> Result<DeleteResourcePolicyOutput, AwsError> {
    let identity = resource_policy::identity(&input.policy_name, &input.resource_arn)?;
    let key = ResourcePolicy::key_of(&ctx.region, &identity);
    ctx.write(move |tx| {
        let deleted = tx.delete::<ResourcePolicy>(&key).ok_or_else(|| {
            error::resource_not_found_exception(format!(
                "Policy with name [{identity}] does not exist."
            ))
        })?;
        if deleted.resource_arn.is_some() && deleted.revision_id != input.expected_revision_id {
            return Err(resource_policy::conflict());
        }
        Ok(())
    })
    .await?;
    Ok(DeleteResourcePolicyOutput {})
}
