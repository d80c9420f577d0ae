//! EnableKey: not while it is pending deletion.

use neargate_api::model::kms::State;
use neargate_api::types::kms::{EnableKeyOutput, EnableKeyRequest};
use neargate_api::{AwsError, Ctx};

use crate::{access, key};

pub async fn call(ctx: Ctx, input: EnableKeyRequest) -> Result<EnableKeyOutput, AwsError> {
    let found = key::customers(&ctx, &input.key_id, "kms:EnableKey")?;
    key::change(&ctx, &found, |key| {
        if matches!(key.state, State::PendingDeletion { .. }) {
            return Err(access::pending_deletion(key));
        }
        key.state = State::Enabled;
        Ok(())
    })
    .await?;
    Ok(EnableKeyOutput {})
}
