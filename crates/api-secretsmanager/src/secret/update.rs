//! UpdateSecret: description, key, and a new current version if a value is given.

use neargate_api::model::secretsmanager::CURRENT;
use neargate_api::types::secretsmanager::{UpdateSecretRequest, UpdateSecretResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::encryption::{self, Plain};
use crate::{secret, version};

pub async fn call(ctx: Ctx, input: UpdateSecretRequest) -> Result<UpdateSecretResponse, AwsError> {
    if input.r#type.as_deref().is_some_and(|kind| !kind.is_empty()) {
        return Err(error::invalid_parameter_exception(
            "Type: this Neargate has no managed external secrets.",
        ));
    }
    let plain = Plain::given(input.secret_string, input.secret_binary)?;
    let token = input.client_request_token.unwrap_or_else(|| ctx.rng().uuid());
    let inner = ctx.clone();
    let (secret, version_id) = secret::change(&ctx, &input.secret_id, move |secret| {
        if let Some(description) = input.description {
            secret.description = Some(description).filter(|text| !text.is_empty());
        }
        if let Some(key) = input.kms_key_id {
            secret.kms_key_id = Some(key).filter(|id| !id.is_empty());
        }
        secret.changed = inner.now;
        let Some(plain) = plain else { return Ok(None) };
        if let Some(there) = secret.version(&token) {
            return match encryption::is(&inner, secret, there, &plain) {
                true => Ok(Some(token)),
                false => Err(version::not_modified()),
            };
        }
        let key = secret.kms_key_id.as_deref();
        let value = encryption::seal(&inner, key, &secret.arn, &token, &plain)?;
        secret.add(version::new(&inner, &token, value, &[CURRENT]));
        Ok(Some(token))
    })
    .await?;
    Ok(UpdateSecretResponse { arn: Some(secret.arn), name: Some(secret.name), version_id })
}
