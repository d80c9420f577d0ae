//! A key: how it is found, made, changed and shown.

pub mod cancel_deletion;
pub mod create;
pub mod describe;
pub mod disable;
pub mod enable;
pub mod list;
pub mod managed;
pub mod material;
pub mod schedule_deletion;
pub mod update_description;

use std::sync::Arc;

use neargate_api::model::kms::{self as model, Alias, Grant, Key, State};
use neargate_api::types::kms::{KeyMetadata, error};
use neargate_api::{AwsError, Ctx, Timestamp, Tx};

use crate::access::{self, Use};

/// The key of an id, an ARN, an alias or an alias's ARN.
pub fn find(ctx: &Ctx, given: &str) -> Result<Arc<Key>, AwsError> {
    model::find(&ctx.snapshot(), &ctx.region, given, ctx.now).ok_or_else(|| not_found(ctx, given))
}

/// The same, if the caller may do this with it.
pub fn permitted(ctx: &Ctx, given: &str, action: &str) -> Result<Arc<Key>, AwsError> {
    let key = find(ctx, given)?;
    access::allowed(ctx, &key, &Use::plain(action))?;
    Ok(key)
}

/// The same for what AWS lets nobody do with its own keys.
pub fn customers(ctx: &Ctx, given: &str, action: &str) -> Result<Arc<Key>, AwsError> {
    if given.contains("alias/") {
        return Err(invalid_id(given));
    }
    let key = permitted(ctx, given, action)?;
    match key.managed_by_aws {
        false => Ok(key),
        true => Err(AwsError::new(
            400,
            "AccessDeniedException",
            format!("{} is a key that AWS manages: {action} is not possible.", key.arn),
        )),
    }
}

fn not_found(ctx: &Ctx, given: &str) -> AwsError {
    let is_id = |text: &str| text.len() == 36 && text.matches('-').count() == 4;
    let message = match given {
        _ if given.starts_with("arn:") && given.contains(":alias/") => {
            format!("Alias {given} is not found.")
        }
        _ if given.starts_with("arn:") => format!("Key '{given}' does not exist"),
        _ if given.starts_with("alias/") => {
            format!("Alias {} is not found.", ctx.arn("kms", given))
        }
        _ if is_id(given) => {
            format!("Key '{}' does not exist", ctx.arn("kms", format!("key/{given}")))
        }
        _ => return invalid_id(given),
    };
    error::not_found_exception(message)
}

fn invalid_id(given: &str) -> AwsError {
    error::not_found_exception(format!("Invalid keyId '{given}'"))
}

/// Changes a key in one transaction, and gives back the new one.
pub async fn change(
    ctx: &Ctx,
    key: &Key,
    change: impl FnOnce(&mut Key) -> Result<(), AwsError> + Send + 'static,
) -> Result<Key, AwsError> {
    let place = Key::key_of(&key.region, &key.id);
    let missing = not_found(ctx, &key.arn);
    ctx.write(move |tx| {
        let mut key = Key::clone(&*tx.get::<Key>(&place).ok_or(missing)?);
        change(&mut key)?;
        tx.put(key.clone());
        Ok(key)
    })
    .await
}

/// Removes the keys of a region whose waiting period is over, with what hangs on them.
pub fn forget_gone(tx: &mut Tx, region: &str, now: Timestamp) {
    let prefix = Key::key_of(region, "");
    let gone: Vec<Arc<Key>> = tx.scan::<Key>(&prefix).filter(|key| key.is_gone(now)).collect();
    for key in gone {
        let names: Vec<Arc<Alias>> =
            tx.scan::<Alias>(&prefix).filter(|alias| alias.target == key.id).collect();
        for alias in names {
            tx.delete::<Alias>(&Alias::key_of(region, &alias.name));
        }
        let grants: Vec<Arc<Grant>> =
            tx.scan::<Grant>(&Grant::key_of(region, &key.id, "")).collect();
        for grant in grants {
            tx.delete::<Grant>(&Grant::key_of(region, &key.id, &grant.id));
        }
        tx.delete::<Key>(&Key::key_of(region, &key.id));
    }
}

/// A key as DescribeKey shows it.
pub fn shown(ctx: &Ctx, key: &Key) -> KeyMetadata {
    let (state, deletion_date) = match key.state {
        State::Enabled => ("Enabled", None),
        State::Disabled => ("Disabled", None),
        State::PendingDeletion { due, .. } => ("PendingDeletion", Some(due)),
    };
    let manager = if key.managed_by_aws { "AWS" } else { "CUSTOMER" };
    KeyMetadata {
        aws_account_id: Some(ctx.account().to_owned()),
        key_id: key.id.clone(),
        arn: Some(key.arn.clone()),
        creation_date: Some(key.created),
        enabled: Some(key.state == State::Enabled),
        description: Some(key.description.clone()),
        key_usage: Some("ENCRYPT_DECRYPT".into()),
        key_state: Some(state.into()),
        deletion_date,
        origin: Some("AWS_KMS".into()),
        key_manager: Some(manager.into()),
        customer_master_key_spec: Some("SYMMETRIC_DEFAULT".into()),
        key_spec: Some("SYMMETRIC_DEFAULT".into()),
        encryption_algorithms: Some(vec!["SYMMETRIC_DEFAULT".into()]),
        multi_region: Some(false),
        current_key_material_id: key.materials.last().map(|material| material.id.clone()),
        ..KeyMetadata::default()
    }
}
