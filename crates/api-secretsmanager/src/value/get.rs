//! GetSecretValue: of a stage (AWSCURRENT unless another is asked for), of a version,
//! or of a version that must have the stage.

use neargate_api::model::secretsmanager::{CURRENT, Secret, Version};
use neargate_api::types::secretsmanager::{
    GetSecretValueRequest, GetSecretValueResponse, SecretValueEntry, error,
};
use neargate_api::{AwsError, Ctx, Timestamp};

use crate::{encryption, secret};

const DAY_MS: i64 = 86_400_000;

pub async fn call(
    ctx: Ctx,
    input: GetSecretValueRequest,
) -> Result<GetSecretValueResponse, AwsError> {
    let secret = secret::usable(&ctx, &input.secret_id)?;
    let version = choose(&secret, input.version_id.as_deref(), input.version_stage.as_deref())?;
    let entry = read(&ctx, &secret, version)?;
    note_access(&ctx, &secret, &version.id).await?;
    Ok(GetSecretValueResponse {
        arn: entry.arn,
        name: entry.name,
        version_id: entry.version_id,
        secret_string: entry.secret_string,
        secret_binary: entry.secret_binary,
        version_stages: entry.version_stages,
        created_date: entry.created_date,
    })
}

/// A version with its value in the clear.
pub fn read(ctx: &Ctx, secret: &Secret, version: &Version) -> Result<SecretValueEntry, AwsError> {
    let (secret_string, secret_binary) = encryption::open(ctx, secret, version)?.shown();
    Ok(SecretValueEntry {
        arn: Some(secret.arn.clone()),
        name: Some(secret.name.clone()),
        version_id: Some(version.id.clone()),
        secret_string,
        secret_binary,
        version_stages: Some(version.stages.iter().cloned().collect::<Vec<_>>())
            .filter(|stages| !stages.is_empty()),
        created_date: Some(version.created),
    })
}

/// The version that is asked for.
pub fn choose<'a>(
    secret: &'a Secret,
    id: Option<&str>,
    stage: Option<&str>,
) -> Result<&'a Version, AwsError> {
    let missing = |what: &str, which: &str| {
        error::resource_not_found_exception(format!(
            "Secrets Manager can't find the specified secret value for {what}: {which}"
        ))
    };
    let Some(id) = id else {
        let stage = stage.unwrap_or(CURRENT);
        return secret.staged(stage).ok_or_else(|| missing("staging label", stage));
    };
    let version = secret.version(id).ok_or_else(|| missing("VersionId", id))?;
    match stage {
        Some(stage) if !version.stages.contains(stage) => Err(error::invalid_request_exception(
            "You provided a VersionStage that is not associated to the provided VersionId.",
        )),
        _ => Ok(version),
    }
}

/// Keeps the day of the last read: a write on the first read of each day only.
pub async fn note_access(ctx: &Ctx, secret: &Secret, version_id: &str) -> Result<(), AwsError> {
    let now = ctx.now.millis();
    let today = Some(Timestamp(now - now.rem_euclid(DAY_MS)));
    let noted = |secret: &Secret| secret.version(version_id).is_none_or(|v| v.accessed == today);
    if secret.accessed == today && noted(secret) {
        return Ok(());
    }
    let key = Secret::key_of(&secret.region, &secret.name);
    let version_id = version_id.to_owned();
    ctx.write(move |tx| {
        tx.update::<Secret>(&key, |secret| {
            secret.accessed = today;
            for version in secret.versions.iter_mut().filter(|v| v.id == version_id) {
                version.accessed = today;
            }
        });
        Ok(())
    })
    .await
}
