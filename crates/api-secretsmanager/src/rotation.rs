//! RotateSecret and CancelRotateSecret. A rotation is done by a Lambda function, and there
//! are none here: what AWS answers when it cannot invoke the function is true here always.

use neargate_api::types::secretsmanager::{
    CancelRotateSecretRequest, CancelRotateSecretResponse, RotateSecretRequest,
    RotateSecretResponse, error,
};
use neargate_api::{AwsError, Ctx};

use crate::secret;

pub async fn rotate(
    ctx: Ctx,
    input: RotateSecretRequest,
) -> Result<RotateSecretResponse, AwsError> {
    secret::usable(&ctx, &input.secret_id)?;
    if input.external_secret_rotation_role_arn.is_some() {
        return Err(error::invalid_parameter_exception(
            "ExternalSecretRotationRoleArn: this Neargate has no managed external secrets.",
        ));
    }
    match input.rotation_lambda_arn {
        None => Err(error::invalid_request_exception(
            "No Lambda rotation function ARN is associated with this secret.",
        )),
        Some(arn) => Err(AwsError::new(
            400,
            "AccessDeniedException",
            format!(
                "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants \
                 access to the principal secretsmanager.amazonaws.com. (This Neargate has no Lambda: {arn} cannot be there.)"
            ),
        )),
    }
}

/// Nothing rotates, so there is nothing to cancel.
pub async fn cancel(
    ctx: Ctx,
    input: CancelRotateSecretRequest,
) -> Result<CancelRotateSecretResponse, AwsError> {
    let secret = secret::usable(&ctx, &input.secret_id)?;
    Ok(CancelRotateSecretResponse {
        arn: Some(secret.arn.clone()),
        name: Some(secret.name.clone()),
        version_id: None,
    })
}
