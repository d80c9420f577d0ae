//! GetKeyPolicy: as it was given.

use neargate_api::types::kms::{GetKeyPolicyRequest, GetKeyPolicyResponse};
use neargate_api::{AwsError, Ctx};

use crate::{key, policy};

pub async fn call(ctx: Ctx, input: GetKeyPolicyRequest) -> Result<GetKeyPolicyResponse, AwsError> {
    let key = key::permitted(&ctx, &input.key_id, "kms:GetKeyPolicy")?;
    policy::check_name(input.policy_name.as_deref())?;
    Ok(GetKeyPolicyResponse {
        policy: Some(key.policy.clone()),
        policy_name: Some(policy::NAME.into()),
    })
}
