//! DeleteServiceLinkedRole: at once, where AWS takes its time. So the task that it names
//! has always succeeded, as long as the role has not come back.

use neargate_api::model::iam::Role;
use neargate_api::types::iam::{
    DeleteServiceLinkedRoleRequest, DeleteServiceLinkedRoleResponse,
    GetServiceLinkedRoleDeletionStatusRequest, GetServiceLinkedRoleDeletionStatusResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::role;

pub async fn call(
    ctx: Ctx,
    input: DeleteServiceLinkedRoleRequest,
) -> Result<DeleteServiceLinkedRoleResponse, AwsError> {
    let task = ctx.rng().uuid();
    ctx.write(move |tx| {
        let name = &input.role_name;
        let Some(service) = role::find(tx, name)?.linked_service.clone() else {
            return Err(error::invalid_input_exception(format!(
                "{name} is not a service-linked role."
            )));
        };
        tx.delete::<Role>(name);
        Ok(DeleteServiceLinkedRoleResponse {
            deletion_task_id: format!("task/aws-service-role/{service}/{name}/{task}"),
        })
    })
    .await
}

pub async fn status(
    ctx: Ctx,
    input: GetServiceLinkedRoleDeletionStatusRequest,
) -> Result<GetServiceLinkedRoleDeletionStatusResponse, AwsError> {
    let parts: Vec<&str> = input.deletion_task_id.split('/').collect();
    let ["task", "aws-service-role", _, name, _] = parts.as_slice() else {
        return Err(error::no_such_entity_exception(format!(
            "Deletion task {} cannot be found.",
            input.deletion_task_id
        )));
    };
    let there = ctx.snapshot().contains::<Role>(name);
    let status = if there { "NOT_STARTED" } else { "SUCCEEDED" };
    Ok(GetServiceLinkedRoleDeletionStatusResponse { reason: None, status: status.into() })
}
