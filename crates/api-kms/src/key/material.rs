//! Key material: drawn from the machine's entropy, sealed before anything is kept, rotated
//! when it is due.

use std::sync::Arc;

use neargate_api::model::kms::{Key, Material, State};
use neargate_api::types::kms::error;
use neargate_api::{AwsError, Ctx};

use crate::key;

pub const DAY_SECS: i64 = 86_400;

/// New material for a key.
pub fn draw(ctx: &Ctx, key_id: &str) -> Material {
    let mut bytes = [0; 32];
    ctx.vault().random(&mut bytes);
    let id = ctx.rng().hex(64);
    let sealed = ctx.vault().seal(&Key::label(key_id, &id), &bytes);
    Material { id, sealed }
}

/// The bytes of a material.
pub fn open(ctx: &Ctx, key: &Key, material: &Material) -> Result<[u8; 32], AwsError> {
    let label = Key::label(&key.id, &material.id);
    let opened = ctx.vault().unseal(&label, &material.sealed).ok();
    opened.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
        error::kms_internal_exception(
            "The key's material cannot be opened with this instance's key.",
        )
    })
}

/// The key, with new material if its rotation is due.
pub async fn rotated(ctx: &Ctx, key: Arc<Key>) -> Result<Arc<Key>, AwsError> {
    let now = ctx.now;
    let due = move |key: &Key| {
        key.state == State::Enabled && key.rotation.is_some_and(|rotation| rotation.next <= now)
    };
    if !due(&key) {
        return Ok(key);
    }
    let material = draw(ctx, &key.id);
    let changed = key::change(ctx, &key, move |key| {
        if due(key) {
            key.materials.push(material);
            if let Some(rotation) = &mut key.rotation {
                rotation.next = now.plus_secs(i64::from(rotation.period_days) * DAY_SECS);
            }
        }
        Ok(())
    })
    .await?;
    Ok(Arc::new(changed))
}
