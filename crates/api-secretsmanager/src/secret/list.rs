//! ListSecrets: filtered, sorted, page by page.

use std::sync::Arc;

use neargate_api::model::secretsmanager::Secret;
use neargate_api::types::secretsmanager::{
    ListSecretsRequest, ListSecretsResponse, SecretListEntry, error,
};
use neargate_api::{AwsError, Ctx, Page, page};

use crate::secret::{filter, stages_shown};
use crate::tags;

const PAGE: usize = 100;

pub async fn call(ctx: Ctx, input: ListSecretsRequest) -> Result<ListSecretsResponse, AwsError> {
    let filters = input.filters.unwrap_or_default();
    filter::check(&filters)?;
    let deleted_too = input.include_planned_deletion == Some(true);
    let by = input.sort_by.unwrap_or_else(|| "created-date".into());
    let descending = input.sort_order.as_deref() == Some("desc");
    let key = |secret: &Arc<Secret>| sort_key(secret, &by, descending);
    let snapshot = ctx.snapshot();
    let mut secrets: Vec<Arc<Secret>> = snapshot
        .scan::<Secret>(&Secret::key_of(&ctx.region, ""))
        .filter(|secret| !secret.is_gone(ctx.now))
        .filter(|secret| deleted_too || secret.deletion.is_none())
        .filter(|secret| filter::passes(secret, &filters))
        .collect();
    secrets.sort_by_cached_key(&key);
    let limit = input.max_results.map_or(PAGE, |n| n as usize);
    let Page { items, next_token } = page(secrets, key, input.next_token.as_deref(), limit)
        .ok_or_else(|| error::invalid_next_token_exception("Invalid token."))?;
    Ok(ListSecretsResponse {
        secret_list: Some(items.iter().map(|secret| shown(secret)).collect()),
        next_token,
    })
}

/// A text that sorts as the secrets should: the order's own part, then the name.
fn sort_key(secret: &Secret, by: &str, descending: bool) -> String {
    let date = match by {
        "last-accessed-date" => secret.accessed.map_or(0, |accessed| accessed.millis()),
        "last-changed-date" => secret.changed.millis(),
        _ => secret.created.millis(),
    };
    match (by, descending) {
        ("name", false) => secret.name.clone(),
        // Characters turned around, with an end that sorts after every longer name.
        ("name", true) => {
            secret.name.bytes().map(|b| char::from(127 - b % 128)).collect::<String>() + "\u{7f}"
        }
        (_, false) => format!("{date:020}/{}", secret.name),
        (_, true) => format!("{:020}/{}", i64::MAX - date, secret.name),
    }
}

fn shown(secret: &Secret) -> SecretListEntry {
    SecretListEntry {
        arn: Some(secret.arn.clone()),
        name: Some(secret.name.clone()),
        description: secret.description.clone(),
        kms_key_id: secret.kms_key_id.clone(),
        created_date: Some(secret.created),
        last_changed_date: Some(secret.changed),
        last_accessed_date: secret.accessed,
        deleted_date: secret.deletion.map(|deletion| deletion.asked),
        owning_service: secret.owning_service.clone(),
        secret_versions_to_stages: stages_shown(secret),
        tags: tags::shown(&secret.tags),
        ..SecretListEntry::default()
    }
}
