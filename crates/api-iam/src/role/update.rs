//! UpdateRole, UpdateRoleDescription and UpdateAssumeRolePolicy.

use neargate_api::types::iam::{
    UpdateAssumeRolePolicyOutput, UpdateAssumeRolePolicyRequest, UpdateRoleDescriptionRequest,
    UpdateRoleDescriptionResponse, UpdateRoleRequest, UpdateRoleResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::{document, role};

pub async fn call(ctx: Ctx, input: UpdateRoleRequest) -> Result<UpdateRoleResponse, AwsError> {
    ctx.write(move |tx| {
        if input.max_session_duration.is_some() {
            role::find_own(tx, &input.role_name)?;
        }
        role::describe(tx, &input.role_name, |role| {
            if let Some(description) = input.description {
                role.description = Some(description);
            }
            if let Some(seconds) = input.max_session_duration {
                role.max_session_duration = seconds;
            }
        })?;
        Ok(UpdateRoleResponse {})
    })
    .await
}

pub async fn description(
    ctx: Ctx,
    input: UpdateRoleDescriptionRequest,
) -> Result<UpdateRoleDescriptionResponse, AwsError> {
    let role = ctx
        .write(move |tx| {
            role::describe(tx, &input.role_name, |role| role.description = Some(input.description))
        })
        .await?;
    Ok(UpdateRoleDescriptionResponse { role: Some(role::shown(&role)) })
}

pub async fn trust_policy(
    ctx: Ctx,
    input: UpdateAssumeRolePolicyRequest,
) -> Result<UpdateAssumeRolePolicyOutput, AwsError> {
    let trust = document::check_trust(&input.policy_document)?;
    let account = ctx.account().to_owned();
    ctx.write(move |tx| {
        role::create::check_principals(tx, &account, &trust)?;
        role::change(tx, &input.role_name, |role| role.trust_policy = input.policy_document)?;
        Ok(UpdateAssumeRolePolicyOutput {})
    })
    .await
}
