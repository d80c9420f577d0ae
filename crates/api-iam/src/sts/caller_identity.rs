//! GetCallerIdentity: needs no permission.

use neargate_api::types::sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};
use neargate_api::{AwsError, Caller, Ctx};

pub async fn call(
    ctx: Ctx,
    _: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, AwsError> {
    let user_id = match &ctx.caller {
        Caller::Operator => ctx.account().to_owned(),
        Caller::Role { role_id, session_name, .. } => format!("{role_id}:{session_name}"),
    };
    Ok(GetCallerIdentityResponse {
        account: Some(ctx.account().to_owned()),
        arn: Some(ctx.caller.arn(ctx.account())),
        user_id: Some(user_id),
    })
}
