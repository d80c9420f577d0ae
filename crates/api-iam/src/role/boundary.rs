//! PutRolePermissionsBoundary and DeleteRolePermissionsBoundary. A boundary acts: what it
//! does not allow, the role's sessions may not do.

use neargate_api::types::iam::{
    DeleteRolePermissionsBoundaryOutput, DeleteRolePermissionsBoundaryRequest,
    PutRolePermissionsBoundaryOutput, PutRolePermissionsBoundaryRequest, error,
};
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::{policy, role};

/// A boundary is a managed policy that is there.
pub fn check(snapshot: &Snapshot, arn: &str) -> Result<(), AwsError> {
    match policy::document(snapshot, arn) {
        Some(_) => Ok(()),
        None => Err(error::no_such_entity_exception(format!(
            "Scope ARN: {arn} does not exist or is not attachable."
        ))),
    }
}

pub async fn put(
    ctx: Ctx,
    input: PutRolePermissionsBoundaryRequest,
) -> Result<PutRolePermissionsBoundaryOutput, AwsError> {
    ctx.write(move |tx| {
        role::find_own(tx, &input.role_name)?;
        check(tx, &input.permissions_boundary)?;
        let boundary = Some(input.permissions_boundary);
        role::change(tx, &input.role_name, |role| role.permissions_boundary = boundary)?;
        Ok(PutRolePermissionsBoundaryOutput {})
    })
    .await
}

pub async fn delete(
    ctx: Ctx,
    input: DeleteRolePermissionsBoundaryRequest,
) -> Result<DeleteRolePermissionsBoundaryOutput, AwsError> {
    ctx.write(move |tx| {
        role::change(tx, &input.role_name, |role| role.permissions_boundary = None)?;
        Ok(DeleteRolePermissionsBoundaryOutput {})
    })
    .await
}
