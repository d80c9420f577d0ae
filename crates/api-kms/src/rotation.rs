//! Automatic rotation, every 90 to 2560 days. New material is drawn when a key is first
//! used after it is due (`key::material`), which nobody can tell from a timer.

use neargate_api::model::kms::{Key, Rotation};
use neargate_api::types::kms::{
    DisableKeyRotationOutput, DisableKeyRotationRequest, EnableKeyRotationOutput,
    EnableKeyRotationRequest, GetKeyRotationStatusRequest, GetKeyRotationStatusResponse,
};
use neargate_api::{AwsError, Ctx};

use crate::key::material::{self, DAY_SECS};
use crate::{access, key};

const DEFAULT_DAYS: i32 = 365;

pub async fn enable(
    ctx: Ctx,
    input: EnableKeyRotationRequest,
) -> Result<EnableKeyRotationOutput, AwsError> {
    let found = key::customers(&ctx, &input.key_id, "kms:EnableKeyRotation")?;
    let now = ctx.now;
    key::change(&ctx, &found, move |key| {
        access::enabled(key)?;
        let kept = key.rotation.map(|rotation| rotation.period_days);
        let period_days = input.rotation_period_in_days.or(kept).unwrap_or(DEFAULT_DAYS);
        if kept != Some(period_days) {
            let next = now.plus_secs(i64::from(period_days) * DAY_SECS);
            key.rotation = Some(Rotation { period_days, next });
        }
        Ok(())
    })
    .await?;
    Ok(EnableKeyRotationOutput {})
}

pub async fn disable(
    ctx: Ctx,
    input: DisableKeyRotationRequest,
) -> Result<DisableKeyRotationOutput, AwsError> {
    let found = key::customers(&ctx, &input.key_id, "kms:DisableKeyRotation")?;
    key::change(&ctx, &found, |key: &mut Key| {
        access::enabled(key)?;
        key.rotation = None;
        Ok(())
    })
    .await?;
    Ok(DisableKeyRotationOutput {})
}

pub async fn status(
    ctx: Ctx,
    input: GetKeyRotationStatusRequest,
) -> Result<GetKeyRotationStatusResponse, AwsError> {
    let key = key::permitted(&ctx, &input.key_id, "kms:GetKeyRotationStatus")?;
    let key = material::rotated(&ctx, key).await?;
    Ok(GetKeyRotationStatusResponse {
        key_id: Some(key.arn.clone()),
        key_rotation_enabled: Some(key.rotation.is_some()),
        rotation_period_in_days: key.rotation.map(|rotation| rotation.period_days),
        next_rotation_date: key.rotation.map(|rotation| rotation.next),
        on_demand_rotation_start_date: None,
    })
}
