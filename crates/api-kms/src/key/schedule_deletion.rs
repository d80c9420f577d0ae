//! ScheduleKeyDeletion: after 7 to 30 days, in which nothing can be done with the key.

use neargate_api::model::kms::State;
use neargate_api::types::kms::{ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse};
use neargate_api::{AwsError, Ctx};

use crate::key::material::DAY_SECS;
use crate::{access, key};

const DEFAULT_DAYS: i32 = 30;

pub async fn call(
    ctx: Ctx,
    input: ScheduleKeyDeletionRequest,
) -> Result<ScheduleKeyDeletionResponse, AwsError> {
    let window_days = input.pending_window_in_days.unwrap_or(DEFAULT_DAYS);
    if !(7..=30).contains(&window_days) {
        return Err(AwsError::new(
            400,
            "ValidationException",
            "PendingWindowInDays must be between 7 and 30 days.",
        ));
    }
    let found = key::customers(&ctx, &input.key_id, "kms:ScheduleKeyDeletion")?;
    let due = ctx.now.plus_secs(i64::from(window_days) * DAY_SECS);
    let key = key::change(&ctx, &found, move |key| {
        if matches!(key.state, State::PendingDeletion { .. }) {
            return Err(access::pending_deletion(key));
        }
        key.state = State::PendingDeletion { due, window_days };
        Ok(())
    })
    .await?;
    Ok(ScheduleKeyDeletionResponse {
        key_id: Some(key.arn),
        deletion_date: Some(due),
        key_state: Some("PendingDeletion".into()),
        pending_window_in_days: Some(window_days),
    })
}
