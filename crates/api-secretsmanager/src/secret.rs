//! A secret: how it is found, named, changed and shown.

pub mod create;
pub mod delete;
pub mod describe;
pub mod filter;
pub mod list;
pub mod restore;
pub mod update;

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::model::secretsmanager::{self as model, Secret};
use neargate_api::types::secretsmanager::error;
use neargate_api::{AwsError, Ctx, Timestamp, Tx};

pub fn not_found() -> AwsError {
    error::resource_not_found_exception("Secrets Manager can't find the specified secret.")
}

pub fn marked_for_deletion() -> AwsError {
    error::invalid_request_exception(
        "You can't perform this operation on the secret because it was marked for deletion.",
    )
}

/// The secret of a name or an ARN, whole or partial, also if it is marked for deletion.
pub fn find(ctx: &Ctx, id: &str) -> Result<Arc<Secret>, AwsError> {
    model::find(&ctx.snapshot(), &ctx.region, id, ctx.now).ok_or_else(not_found)
}

/// The same, unless it is marked for deletion.
pub fn usable(ctx: &Ctx, id: &str) -> Result<Arc<Secret>, AwsError> {
    find(ctx, id).and_then(usable_only)
}

fn usable_only(secret: Arc<Secret>) -> Result<Arc<Secret>, AwsError> {
    match secret.deletion {
        None => Ok(secret),
        Some(_) => Err(marked_for_deletion()),
    }
}

/// Changes a secret that is not marked for deletion, in one transaction: `change` sees it as
/// it is then.
pub async fn change<T: Send + 'static>(
    ctx: &Ctx,
    id: &str,
    change: impl FnOnce(&mut Secret) -> Result<T, AwsError> + Send + 'static,
) -> Result<(Secret, T), AwsError> {
    let (region, id, now) = (ctx.region.clone(), id.to_owned(), ctx.now);
    ctx.write(move |tx| {
        let found = model::find(tx.view(), &region, &id, now).ok_or_else(not_found)?;
        let mut secret = Secret::clone(&*usable_only(found)?);
        let answer = change(&mut secret)?;
        tx.put(secret.clone());
        Ok((secret, answer))
    })
    .await
}

/// Removes the secrets of a region whose recovery window is over.
pub fn forget_gone(tx: &mut Tx, region: &str, now: Timestamp) {
    let of_region = tx.scan::<Secret>(&Secret::key_of(region, ""));
    let gone: Vec<String> =
        of_region.filter(|s| s.is_gone(now)).map(|s| Secret::key_of(region, &s.name)).collect();
    for key in gone {
        tx.delete::<Secret>(&key);
    }
}

/// The ARN of a secret that is not there, as policies can name it.
pub fn pattern(ctx: &Ctx, id: &str) -> String {
    match id.starts_with("arn:") {
        true => id.to_owned(),
        false => ctx.arn("secretsmanager", format!("secret:{id}-??????")),
    }
}

/// The stages of the versions that have some, by version id; nothing when there are none.
fn stages_shown(secret: &Secret) -> Option<BTreeMap<String, Vec<String>>> {
    let staged = secret.versions.iter().filter(|version| !version.stages.is_empty());
    let shown: BTreeMap<String, Vec<String>> = staged
        .map(|version| (version.id.clone(), version.stages.iter().cloned().collect()))
        .collect();
    Some(shown).filter(|shown| !shown.is_empty())
}
