//! CancelKeyDeletion: the key is then disabled.

use neargate_api::model::kms::State;
use neargate_api::types::kms::{CancelKeyDeletionRequest, CancelKeyDeletionResponse, error};
use neargate_api::{AwsError, Ctx};

use crate::key;

pub async fn call(
    ctx: Ctx,
    input: CancelKeyDeletionRequest,
) -> Result<CancelKeyDeletionResponse, AwsError> {
    let found = key::customers(&ctx, &input.key_id, "kms:CancelKeyDeletion")?;
    let key = key::change(&ctx, &found, |key| {
        if !matches!(key.state, State::PendingDeletion { .. }) {
            let message = format!("{} is not pending deletion.", key.arn);
            return Err(error::kms_invalid_state_exception(message));
        }
        key.state = State::Disabled;
        Ok(())
    })
    .await?;
    Ok(CancelKeyDeletionResponse { key_id: Some(key.arn) })
}
