//! ListKeyPolicies: always `default`.

use neargate_api::types::kms::{ListKeyPoliciesRequest, ListKeyPoliciesResponse};
use neargate_api::{AwsError, Ctx};

use crate::{key, policy};

pub async fn call(
    ctx: Ctx,
    input: ListKeyPoliciesRequest,
) -> Result<ListKeyPoliciesResponse, AwsError> {
    key::permitted(&ctx, &input.key_id, "kms:ListKeyPolicies")?;
    Ok(ListKeyPoliciesResponse {
        policy_names: Some(vec![policy::NAME.into()]),
        truncated: Some(false),
        next_marker: None,
    })
}
