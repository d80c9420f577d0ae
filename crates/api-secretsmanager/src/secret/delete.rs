//! DeleteSecret: after a recovery window of 7 to 30 days, or at once.

use neargate_api::model::secretsmanager::{self as model, Deletion, Secret};
use neargate_api::types::secretsmanager::{DeleteSecretRequest, DeleteSecretResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::secret;

const DEFAULT_WINDOW_DAYS: i64 = 30;
const DAY_SECS: i64 = 86_400;

pub async fn call(ctx: Ctx, input: DeleteSecretRequest) -> Result<DeleteSecretResponse, AwsError> {
    let at_once = input.force_delete_without_recovery == Some(true);
    let window = input.recovery_window_in_days;
    if at_once && window.is_some() {
        return Err(error::invalid_parameter_exception(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    if window.is_some_and(|days| !(7..=30).contains(&days)) {
        return Err(error::invalid_parameter_exception(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        ));
    }
    let window_days = window.unwrap_or(DEFAULT_WINDOW_DAYS);
    match at_once {
        true => delete_now(&ctx, &input.secret_id).await,
        false => schedule(&ctx, &input.secret_id, window_days).await,
    }
}

/// A secret that is not there is as good as deleted: AWS says so too.
async fn delete_now(ctx: &Ctx, id: &str) -> Result<DeleteSecretResponse, AwsError> {
    let (region, given, now) = (ctx.region.clone(), id.to_owned(), ctx.now);
    let found = ctx
        .write(move |tx| {
            let found = model::find(tx.view(), &region, &given, now);
            if let Some(secret) = &found {
                tx.delete::<Secret>(&Secret::key_of(&region, &secret.name));
            }
            Ok(found)
        })
        .await?;
    let (arn, name) = match found {
        Some(secret) => (secret.arn.clone(), secret.name.clone()),
        None if id.starts_with("arn:") => return Err(secret::not_found()),
        None => {
            let suffix = ctx.rng().letters(6);
            (ctx.arn("secretsmanager", format!("secret:{id}-{suffix}")), id.to_owned())
        }
    };
    Ok(DeleteSecretResponse { arn: Some(arn), name: Some(name), deletion_date: Some(ctx.now) })
}

async fn schedule(ctx: &Ctx, id: &str, days: i64) -> Result<DeleteSecretResponse, AwsError> {
    let deletion = Deletion { asked: ctx.now, due: ctx.now.plus_secs(days * DAY_SECS) };
    let (secret, ()) = secret::change(ctx, id, move |secret| {
        secret.deletion = Some(deletion);
        Ok(())
    })
    .await?;
    Ok(DeleteSecretResponse {
        arn: Some(secret.arn),
        name: Some(secret.name),
        deletion_date: Some(deletion.due),
    })
}
