//! GenerateDataKey, with and without the plaintext: a fresh key, encrypted by a key.

use neargate_api::types::kms::{
    GenerateDataKeyRequest, GenerateDataKeyResponse, GenerateDataKeyWithoutPlaintextRequest,
    GenerateDataKeyWithoutPlaintextResponse,
};
use neargate_api::{AwsError, Blob, Ctx};

use crate::crypto::{Context, ciphertext, encrypting, refuse_recipient};
use crate::grant::dry_run;

/// A fresh key, both ways.
struct DataKey {
    plain: Vec<u8>,
    encrypted: Vec<u8>,
    key_arn: String,
    material_id: Option<String>,
}

pub async fn call(
    ctx: Ctx,
    input: GenerateDataKeyRequest,
) -> Result<GenerateDataKeyResponse, AwsError> {
    refuse_recipient(input.recipient.as_ref())?;
    let length = length(input.key_spec.as_deref(), input.number_of_bytes)?;
    let context = input.encryption_context.unwrap_or_default();
    let action = "kms:GenerateDataKey";
    let made = make(&ctx, &input.key_id, action, &context, length, input.dry_run).await?;
    Ok(GenerateDataKeyResponse {
        plaintext: Some(Blob(made.plain)),
        ciphertext_blob: Some(Blob(made.encrypted)),
        key_id: Some(made.key_arn),
        key_material_id: made.material_id,
        ciphertext_for_recipient: None,
    })
}

pub async fn without_plaintext(
    ctx: Ctx,
    input: GenerateDataKeyWithoutPlaintextRequest,
) -> Result<GenerateDataKeyWithoutPlaintextResponse, AwsError> {
    let length = length(input.key_spec.as_deref(), input.number_of_bytes)?;
    let context = input.encryption_context.unwrap_or_default();
    let action = "kms:GenerateDataKeyWithoutPlaintext";
    let made = make(&ctx, &input.key_id, action, &context, length, input.dry_run).await?;
    Ok(GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: Some(Blob(made.encrypted)),
        key_id: Some(made.key_arn),
        key_material_id: made.material_id,
    })
}

async fn make(
    ctx: &Ctx,
    key_id: &str,
    action: &str,
    context: &Context,
    length: usize,
    dry: Option<bool>,
) -> Result<DataKey, AwsError> {
    let key = encrypting(ctx, key_id, action, context).await?;
    dry_run(dry)?;
    let mut plain = vec![0; length];
    ctx.vault().random(&mut plain);
    Ok(DataKey {
        encrypted: ciphertext::write(ctx, &key, context, &plain)?,
        plain,
        key_arn: key.arn.clone(),
        material_id: key.materials.last().map(|material| material.id.clone()),
    })
}

fn length(spec: Option<&str>, bytes: Option<i32>) -> Result<usize, AwsError> {
    match (spec, bytes) {
        (Some("AES_128"), None) => Ok(16),
        (Some(_), None) => Ok(32),
        (None, Some(bytes)) => Ok(bytes as usize),
        _ => Err(AwsError::new(
            400,
            "ValidationException",
            "Please specify either number of bytes or key spec.",
        )),
    }
}
