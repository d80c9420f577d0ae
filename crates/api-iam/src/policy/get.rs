//! GetPolicy.

use neargate_api::types::iam::{GetPolicyRequest, GetPolicyResponse};
use neargate_api::{AwsError, Ctx};

use crate::policy;

pub async fn call(ctx: Ctx, input: GetPolicyRequest) -> Result<GetPolicyResponse, AwsError> {
    Ok(GetPolicyResponse { policy: Some(policy::shown(&ctx.snapshot(), &input.policy_arn)?) })
}
