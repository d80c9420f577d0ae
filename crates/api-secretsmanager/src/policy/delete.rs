//! DeleteResourcePolicy: whether or not there is one.

use neargate_api::types::secretsmanager::{
    DeleteResourcePolicyRequest, DeleteResourcePolicyResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::secret;

pub async fn call(
    ctx: Ctx,
    input: DeleteResourcePolicyRequest,
) -> Result<DeleteResourcePolicyResponse, AwsError> {
    let (secret, ()) = secret::change(&ctx, &input.secret_id, |secret| {
        secret.policy = None;
        Ok(())
    })
    .await?;
    Ok(DeleteResourcePolicyResponse {
        arn: Some(secret.arn),
        name: Some(secret.name),
        policy_name: None,
    })
}
