//! Encrypt: at most 4096 bytes.

use neargate_api::types::kms::{EncryptRequest, EncryptResponse};
use neargate_api::{AwsError, Blob, Ctx};

use crate::crypto::{ALGORITHM, check_algorithm, ciphertext, encrypting};
use crate::grant::dry_run;

pub async fn call(ctx: Ctx, input: EncryptRequest) -> Result<EncryptResponse, AwsError> {
    let context = input.encryption_context.unwrap_or_default();
    let key = encrypting(&ctx, &input.key_id, "kms:Encrypt", &context).await?;
    check_algorithm(input.encryption_algorithm.as_deref())?;
    dry_run(input.dry_run)?;
    let bytes = ciphertext::write(&ctx, &key, &context, &input.plaintext.0)?;
    Ok(EncryptResponse {
        ciphertext_blob: Some(Blob(bytes)),
        key_id: Some(key.arn.clone()),
        encryption_algorithm: Some(ALGORITHM.into()),
    })
}
