//! GetRole.

use neargate_api::types::iam::{GetRoleRequest, GetRoleResponse};
use neargate_api::{AwsError, Ctx};

use crate::role;

pub async fn call(ctx: Ctx, input: GetRoleRequest) -> Result<GetRoleResponse, AwsError> {
    let role = role::find(&ctx.snapshot(), &input.role_name)?;
    Ok(GetRoleResponse { role: role::shown(&role) })
}
