//! PutResourcePolicy: in place of the one that is there.

use neargate_api::types::secretsmanager::{
    PutResourcePolicyRequest, PutResourcePolicyResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::{policy, secret};

pub async fn call(
    ctx: Ctx,
    input: PutResourcePolicyRequest,
) -> Result<PutResourcePolicyResponse, AwsError> {
    let parsed = policy::parse(&input.resource_policy).map_err(|why| {
        error::malformed_policy_document_exception(format!(
            "This resource policy contains a syntax error. {why}"
        ))
    })?;
    if input.block_public_policy == Some(true) && policy::is_public(&parsed) {
        return Err(error::public_policy_exception(
            "You can't put this resource policy because it grants broad access to the secret: name the principals, or add conditions.",
        ));
    }
    let (secret, ()) = secret::change(&ctx, &input.secret_id, move |secret| {
        secret.policy = Some(input.resource_policy);
        Ok(())
    })
    .await?;
    Ok(PutResourcePolicyResponse {
        arn: Some(secret.arn),
        name: Some(secret.name),
        policy_name: None,
    })
}
