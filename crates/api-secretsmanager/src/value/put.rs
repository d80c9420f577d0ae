//! PutSecretValue: a new version, current unless other stages are asked for. With the
//! same token and value it may be repeated.

use neargate_api::model::secretsmanager::CURRENT;
use neargate_api::types::secretsmanager::{PutSecretValueRequest, PutSecretValueResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::encryption::{self, Plain};
use crate::{secret, version};

pub async fn call(
    ctx: Ctx,
    input: PutSecretValueRequest,
) -> Result<PutSecretValueResponse, AwsError> {
    let plain = Plain::given(input.secret_string, input.secret_binary)?.ok_or_else(|| {
        error::invalid_request_exception("You must provide either SecretString or SecretBinary.")
    })?;
    let token = input.client_request_token.unwrap_or_else(|| ctx.rng().uuid());
    let stages = input.version_stages.unwrap_or_else(|| vec![CURRENT.into()]);
    let inner = ctx.clone();
    let (secret, id) = secret::change(&ctx, &input.secret_id, move |secret| {
        if let Some(there) = secret.version(&token) {
            return match encryption::is(&inner, secret, there, &plain) {
                true => Ok(token),
                false => Err(version::not_modified()),
            };
        }
        let key = secret.kms_key_id.as_deref();
        let value = encryption::seal(&inner, key, &secret.arn, &token, &plain)?;
        let stages: Vec<&str> = stages.iter().map(String::as_str).collect();
        secret.add(version::new(&inner, &token, value, &stages));
        secret.changed = inner.now;
        Ok(token)
    })
    .await?;
    Ok(PutSecretValueResponse {
        version_stages: secret.version(&id).map(|v| v.stages.iter().cloned().collect()),
        arn: Some(secret.arn),
        name: Some(secret.name),
        version_id: Some(id),
    })
}
