//! DeleteRole: only once nothing is attached. Its sessions end with it.

use neargate_api::model::iam::Role;
use neargate_api::types::iam::{DeleteRoleOutput, DeleteRoleRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::role;

pub async fn call(ctx: Ctx, input: DeleteRoleRequest) -> Result<DeleteRoleOutput, AwsError> {
    ctx.write(move |tx| {
        let found = role::find_own(tx, &input.role_name)?;
        if !found.attached_policies.is_empty() {
            return Err(error::delete_conflict_exception(
                "Cannot delete entity, must detach all policies first.",
            ));
        }
        if !found.inline_policies.is_empty() {
            return Err(error::delete_conflict_exception(
                "Cannot delete entity, must delete policies first.",
            ));
        }
        tx.delete::<Role>(&input.role_name);
        Ok(DeleteRoleOutput {})
    })
    .await
}
