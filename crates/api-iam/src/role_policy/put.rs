//! PutRolePolicy: in place of one of the same name.

use neargate_api::types::iam::{PutRolePolicyOutput, PutRolePolicyRequest, error};
use neargate_api::{AwsError, Ctx};
use neargate_authz::Kind;

use crate::document::{self, INLINE_LIMIT};
use crate::role;

pub async fn call(ctx: Ctx, input: PutRolePolicyRequest) -> Result<PutRolePolicyOutput, AwsError> {
    document::read(&input.policy_document, Kind::Identity)?;
    ctx.write(move |tx| {
        let PutRolePolicyRequest { policy_document, policy_name, role_name } = input;
        let role = role::change(tx, &role_name, |role| {
            role.inline_policies.insert(policy_name, policy_document);
        })?;
        let size: usize = role.inline_policies.values().map(|text| document::size(text)).sum();
        if size > INLINE_LIMIT {
            return Err(error::limit_exceeded_exception(format!(
                "Maximum policy size of {INLINE_LIMIT} bytes exceeded for role {role_name}"
            )));
        }
        Ok(PutRolePolicyOutput {})
    })
    .await
}
