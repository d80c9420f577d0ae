//! Decrypt: with the key that the ciphertext names, which must be the one that is given.

use std::sync::Arc;

use neargate_api::model::kms::Key;
use neargate_api::types::kms::{DecryptRequest, DecryptResponse, error};
use neargate_api::{AwsError, Blob, Ctx};

use crate::access::{self, Use};
use crate::crypto::{ALGORITHM, Context, check_algorithm, ciphertext, refuse_recipient};
use crate::grant::dry_run;
use crate::key;

pub async fn call(ctx: Ctx, input: DecryptRequest) -> Result<DecryptResponse, AwsError> {
    check_algorithm(input.encryption_algorithm.as_deref())?;
    refuse_recipient(input.recipient.as_ref())?;
    if input.dry_run_modifiers.is_some_and(|modifiers| !modifiers.is_empty()) {
        return Err(error::unsupported_operation_exception(
            "DryRunModifiers are not supported by this Neargate.",
        ));
    }
    let bytes = input.ciphertext_blob.ok_or_else(ciphertext::invalid)?.0;
    let context = input.encryption_context.unwrap_or_default();
    let key = decrypting(&ctx, &bytes, input.key_id.as_deref(), "kms:Decrypt", &context)?;
    dry_run(input.dry_run)?;
    let (plain, material_id) = ciphertext::read(&ctx, &key, &context, &bytes)?;
    Ok(DecryptResponse {
        plaintext: Some(Blob(plain)),
        key_id: Some(key.arn.clone()),
        key_material_id: Some(material_id),
        encryption_algorithm: Some(ALGORITHM.into()),
        ciphertext_for_recipient: None,
    })
}

/// The key of a ciphertext, if it is the expected one and the caller may.
pub fn decrypting(
    ctx: &Ctx,
    bytes: &[u8],
    expected: Option<&str>,
    action: &str,
    context: &Context,
) -> Result<Arc<Key>, AwsError> {
    let named = ciphertext::key_id(bytes)?;
    let expected = expected.map(|given| key::find(ctx, given)).transpose()?;
    if expected.is_some_and(|expected| expected.id != named) {
        return Err(error::incorrect_key_exception(
            "The key ID in the request does not identify a CMK that can perform this operation.",
        ));
    }
    let key = key::find(ctx, named).map_err(|_| ciphertext::invalid())?;
    access::allowed(ctx, &key, &Use { action, context, via: None })?;
    access::enabled(&key)?;
    Ok(key)
}
