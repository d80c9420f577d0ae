//! EnableAlarmActions and DisableAlarmActions.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::{
    DisableAlarmActionsInput, DisableAlarmActionsOutput, EnableAlarmActionsInput,
    EnableAlarmActionsOutput,
};
use neargate_api::{AwsError, Ctx};

use crate::alarm::{authorize_rest, history};

pub async fn enable(
    ctx: Ctx,
    input: EnableAlarmActionsInput,
) -> Result<EnableAlarmActionsOutput, AwsError> {
    authorize_rest(&ctx, "cloudwatch:EnableAlarmActions", &input.alarm_names)?;
    set(&ctx, input.alarm_names, true).await?;
    Ok(EnableAlarmActionsOutput {})
}

pub async fn disable(
    ctx: Ctx,
    input: DisableAlarmActionsInput,
) -> Result<DisableAlarmActionsOutput, AwsError> {
    authorize_rest(&ctx, "cloudwatch:DisableAlarmActions", &input.alarm_names)?;
    set(&ctx, input.alarm_names, false).await?;
    Ok(DisableAlarmActionsOutput {})
}

/// Names that nobody has are passed over, as on AWS.
async fn set(ctx: &Ctx, names: Vec<String>, enabled: bool) -> Result<(), AwsError> {
    let (region, now) = (ctx.region.clone(), ctx.now);
    ctx.write(move |tx| {
        for name in &names {
            let Some(old) = tx.get::<Alarm>(&Alarm::key_of(&region, name)) else { continue };
            let mut alarm = Alarm::clone(&old);
            let actions = match &mut alarm.definition {
                AlarmDefinition::Metric(metric) => &mut metric.actions_enabled,
                AlarmDefinition::Composite(composite) => &mut composite.actions_enabled,
            };
            if actions.replace(enabled) != Some(enabled) {
                alarm.configured_at = now;
                history::configured(tx, &old, &alarm, now);
                tx.put(alarm);
            }
        }
        Ok(())
    })
    .await
}
