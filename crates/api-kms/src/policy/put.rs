//! PutKeyPolicy: in place of the present one. Nobody is locked out for good: the operator
//! of this Neargate may always put another.

use neargate_api::types::kms::{PutKeyPolicyOutput, PutKeyPolicyRequest};
use neargate_api::{AwsError, Ctx};

use crate::{key, policy};

pub async fn call(ctx: Ctx, input: PutKeyPolicyRequest) -> Result<PutKeyPolicyOutput, AwsError> {
    policy::check_name(input.policy_name.as_deref())?;
    let found = key::customers(&ctx, &input.key_id, "kms:PutKeyPolicy")?;
    let text = policy::checked(input.policy)?;
    key::change(&ctx, &found, move |key| {
        key.policy = text;
        Ok(())
    })
    .await?;
    Ok(PutKeyPolicyOutput {})
}
