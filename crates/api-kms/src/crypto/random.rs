//! GenerateRandom: from the machine's entropy.

use neargate_api::types::kms::{GenerateRandomRequest, GenerateRandomResponse, error};
use neargate_api::{AwsError, Blob, Ctx};

use crate::crypto::refuse_recipient;

pub async fn call(
    ctx: Ctx,
    input: GenerateRandomRequest,
) -> Result<GenerateRandomResponse, AwsError> {
    refuse_recipient(input.recipient.as_ref())?;
    if input.custom_key_store_id.is_some() {
        return Err(error::custom_key_store_not_found_exception(
            "This Neargate has no custom key stores.",
        ));
    }
    let Some(length) = input.number_of_bytes else {
        return Err(AwsError::new(400, "ValidationException", "NumberOfBytes is missing."));
    };
    let mut bytes = vec![0; length as usize];
    ctx.vault().random(&mut bytes);
    Ok(GenerateRandomResponse { plaintext: Some(Blob(bytes)), ciphertext_for_recipient: None })
}
