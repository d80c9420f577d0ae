//! DisableKey: not while it is pending deletion.

use neargate_api::model::kms::State;
use neargate_api::types::kms::{DisableKeyOutput, DisableKeyRequest};
use neargate_api::{AwsError, Ctx};

use crate::{access, key};

pub async fn call(ctx: Ctx, input: DisableKeyRequest) -> Result<DisableKeyOutput, AwsError> {
    let found = key::customers(&ctx, &input.key_id, "kms:DisableKey")?;
    key::change(&ctx, &found, |key| {
        if matches!(key.state, State::PendingDeletion { .. }) {
            return Err(access::pending_deletion(key));
        }
        key.state = State::Disabled;
        Ok(())
    })
    .await?;
    Ok(DisableKeyOutput {})
}
