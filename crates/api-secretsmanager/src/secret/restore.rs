//! RestoreSecret: takes back a deletion that is scheduled.

use neargate_api::model::secretsmanager::{self as model, Secret};
use neargate_api::types::secretsmanager::{RestoreSecretRequest, RestoreSecretResponse};
use neargate_api::{AwsError, Ctx};

use crate::secret::not_found;

pub async fn call(
    ctx: Ctx,
    input: RestoreSecretRequest,
) -> Result<RestoreSecretResponse, AwsError> {
    let (region, now) = (ctx.region.clone(), ctx.now);
    let secret = ctx
        .write(move |tx| {
            let found =
                model::find(tx.view(), &region, &input.secret_id, now).ok_or_else(not_found)?;
            let key = Secret::key_of(&region, &found.name);
            tx.update::<Secret>(&key, |secret| secret.deletion = None).ok_or_else(not_found)
        })
        .await?;
    Ok(RestoreSecretResponse { arn: Some(secret.arn.clone()), name: Some(secret.name.clone()) })
}
