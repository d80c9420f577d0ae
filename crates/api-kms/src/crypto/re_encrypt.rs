//! ReEncrypt: from one key or context to another; nobody sees the plaintext.

use neargate_api::types::kms::{ReEncryptRequest, ReEncryptResponse, error};
use neargate_api::{AwsError, Blob, Ctx};

use crate::crypto::decrypt::decrypting;
use crate::crypto::{ALGORITHM, check_algorithm, ciphertext, encrypting};
use crate::grant::dry_run;

pub async fn call(ctx: Ctx, input: ReEncryptRequest) -> Result<ReEncryptResponse, AwsError> {
    check_algorithm(input.source_encryption_algorithm.as_deref())?;
    check_algorithm(input.destination_encryption_algorithm.as_deref())?;
    if input.dry_run_modifiers.is_some_and(|modifiers| !modifiers.is_empty()) {
        return Err(error::unsupported_operation_exception(
            "DryRunModifiers are not supported by this Neargate.",
        ));
    }
    let bytes = input.ciphertext_blob.ok_or_else(ciphertext::invalid)?.0;
    let from = input.source_encryption_context.unwrap_or_default();
    let to = input.destination_encryption_context.unwrap_or_default();
    let source =
        decrypting(&ctx, &bytes, input.source_key_id.as_deref(), "kms:ReEncryptFrom", &from)?;
    let target = encrypting(&ctx, &input.destination_key_id, "kms:ReEncryptTo", &to).await?;
    dry_run(input.dry_run)?;
    let (plain, source_material) = ciphertext::read(&ctx, &source, &from, &bytes)?;
    let bytes = ciphertext::write(&ctx, &target, &to, &plain)?;
    Ok(ReEncryptResponse {
        ciphertext_blob: Some(Blob(bytes)),
        source_key_id: Some(source.arn.clone()),
        key_id: Some(target.arn.clone()),
        source_encryption_algorithm: Some(ALGORITHM.into()),
        destination_encryption_algorithm: Some(ALGORITHM.into()),
        source_key_material_id: Some(source_material),
        destination_key_material_id: target.materials.last().map(|m| m.id.clone()),
    })
}
