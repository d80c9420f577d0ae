//! SetAlarmState: the state by hand, until the next evaluation says another.

use neargate_api::model::cloudwatch::{Alarm, AlarmState};
use neargate_api::types::cloudwatch::{SetAlarmStateInput, SetAlarmStateOutput, error};
use neargate_api::{AwsError, Ctx};

use crate::alarm::evaluated::{self, Evaluated};
use crate::alarm::invalid;

pub async fn call(ctx: Ctx, input: SetAlarmStateInput) -> Result<SetAlarmStateOutput, AwsError> {
    let state = AlarmState::parse(&input.state_value)
        .ok_or_else(|| invalid(format!("{} is no state of an alarm.", input.state_value)))?;
    let data = input.state_reason_data;
    if let Some(data) = &data
        && serde_json::from_str::<serde_json::Value>(data).is_err()
    {
        return Err(error::invalid_format_fault("StateReasonData is not valid JSON."));
    }
    let key = Alarm::key_of(&ctx.region, &input.alarm_name);
    let now = ctx.now;
    ctx.write(move |tx| {
        let Some(old) = tx.get::<Alarm>(&key) else {
            return Err(error::resource_not_found(format!(
                "The alarm {} does not exist.",
                input.alarm_name
            )));
        };
        let told = Evaluated { state, reason: input.state_reason, reason_data: data };
        evaluated::tell(tx, &old, told, now);
        Ok(())
    })
    .await?;
    Ok(SetAlarmStateOutput {})
}
