//! The form of a ciphertext: `1 ‖ key id (36) ‖ material id (32) ‖ nonce ‖ body ‖ tag`. All
//! before the nonce, and the encryption context, are authenticated with it.

use neargate_api::model::kms::Key;
use neargate_api::types::kms::error;
use neargate_api::{AwsError, Ctx};

use super::Context;
use crate::key::material;

const FORM: u8 = 1;
const ID_LEN: usize = 36;
const MATERIAL_LEN: usize = 32;
const HEAD_LEN: usize = 1 + ID_LEN + MATERIAL_LEN;

/// Encrypts with the key's present material.
pub fn write(ctx: &Ctx, key: &Key, context: &Context, plain: &[u8]) -> Result<Vec<u8>, AwsError> {
    let material = key
        .materials
        .last()
        .ok_or_else(|| error::key_unavailable_exception(format!("{} has no material.", key.arn)))?;
    let mut out = vec![FORM];
    out.extend(key.id.bytes());
    out.extend(hex::decode(&material.id).unwrap_or_default());
    let secret = material::open(ctx, key, material)?;
    let body = ctx.vault().encrypt_with(&secret, &bound_to(&out, context), plain);
    out.extend(body);
    Ok(out)
}

/// The id of the key that a ciphertext names.
pub fn key_id(bytes: &[u8]) -> Result<&str, AwsError> {
    let head = bytes.get(..HEAD_LEN).filter(|head| head[0] == FORM).ok_or_else(invalid)?;
    std::str::from_utf8(&head[1..=ID_LEN]).map_err(|_| invalid())
}

/// What `write` encrypted, under the same context.
pub fn read(
    ctx: &Ctx,
    key: &Key,
    context: &Context,
    bytes: &[u8],
) -> Result<(Vec<u8>, String), AwsError> {
    let (head, body) = bytes.split_at_checked(HEAD_LEN).ok_or_else(invalid)?;
    let material_id = hex::encode(&head[1 + ID_LEN..]);
    let found = key.materials.iter().find(|material| material.id == material_id);
    let secret = material::open(ctx, key, found.ok_or_else(invalid)?)?;
    let plain = ctx.vault().decrypt_with(&secret, &bound_to(head, context), body);
    Ok((plain.ok_or_else(invalid)?, material_id))
}

/// AWS says no more than this, lest anybody learn from it.
pub fn invalid() -> AwsError {
    error::invalid_ciphertext_exception("")
}

/// Each part with its length, so that no two contexts look alike.
fn bound_to(head: &[u8], context: &Context) -> Vec<u8> {
    let mut bytes = head.to_vec();
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.bytes());
    }
    bytes
}
