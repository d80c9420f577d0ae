//! GetResourcePolicy: the policy as it was given; nothing where there is none.

use neargate_api::types::secretsmanager::{GetResourcePolicyRequest, GetResourcePolicyResponse};
use neargate_api::{AwsError, Ctx};

use crate::secret;

pub async fn call(
    ctx: Ctx,
    input: GetResourcePolicyRequest,
) -> Result<GetResourcePolicyResponse, AwsError> {
    let secret = secret::usable(&ctx, &input.secret_id)?;
    Ok(GetResourcePolicyResponse {
        arn: Some(secret.arn.clone()),
        name: Some(secret.name.clone()),
        policy_name: None,
        resource_policy: secret.policy.clone(),
    })
}
