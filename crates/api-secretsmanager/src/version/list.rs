//! ListSecretVersionIds: the versions that have a stage, or all.

use neargate_api::model::secretsmanager::Version;
use neargate_api::types::secretsmanager::{
    ListSecretVersionIdsRequest, ListSecretVersionIdsResponse, SecretVersionsListEntry, error,
};
use neargate_api::{AwsError, Ctx, page};

use crate::secret;

const PAGE: usize = 100;

pub async fn call(
    ctx: Ctx,
    input: ListSecretVersionIdsRequest,
) -> Result<ListSecretVersionIdsResponse, AwsError> {
    let secret = secret::find(&ctx, &input.secret_id)?;
    let deprecated_too = input.include_deprecated == Some(true);
    let mut versions: Vec<&Version> = secret
        .versions
        .iter()
        .filter(|version| deprecated_too || !version.stages.is_empty())
        .collect();
    let key = |version: &&Version| format!("{:020}/{}", version.created.millis(), version.id);
    versions.sort_by_cached_key(key);
    let limit = input.max_results.map_or(PAGE, |n| n as usize);
    let page = page(versions, key, input.next_token.as_deref(), limit)
        .ok_or_else(|| error::invalid_next_token_exception("Invalid token."))?;
    let key_id = secret.kms_key_id.clone().unwrap_or_else(|| "DefaultEncryptionKey".into());
    let shown = |version: &Version| SecretVersionsListEntry {
        version_id: Some(version.id.clone()),
        version_stages: Some(version.stages.iter().cloned().collect::<Vec<_>>())
            .filter(|stages| !stages.is_empty()),
        created_date: Some(version.created),
        last_accessed_date: version.accessed,
        kms_key_ids: Some(vec![key_id.clone()]),
    };
    Ok(ListSecretVersionIdsResponse {
        arn: Some(secret.arn.clone()),
        name: Some(secret.name.clone()),
        versions: Some(page.items.into_iter().map(shown).collect()),
        next_token: page.next_token,
    })
}
