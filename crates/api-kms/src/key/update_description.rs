//! UpdateKeyDescription.

use neargate_api::model::kms::State;
use neargate_api::types::kms::{UpdateKeyDescriptionOutput, UpdateKeyDescriptionRequest};
use neargate_api::{AwsError, Ctx};

use crate::{access, key};

pub async fn call(
    ctx: Ctx,
    input: UpdateKeyDescriptionRequest,
) -> Result<UpdateKeyDescriptionOutput, AwsError> {
    let found = key::customers(&ctx, &input.key_id, "kms:UpdateKeyDescription")?;
    key::change(&ctx, &found, move |key| {
        if matches!(key.state, State::PendingDeletion { .. }) {
            return Err(access::pending_deletion(key));
        }
        key.description = input.description;
        Ok(())
    })
    .await?;
    Ok(UpdateKeyDescriptionOutput {})
}
