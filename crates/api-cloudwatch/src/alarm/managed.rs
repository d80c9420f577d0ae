//! Alarms that another service has for itself, such as those of a policy of target tracking: they
//! are written in that service's own transaction, and are alarms like all others.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::PutMetricAlarmInput;
use neargate_api::{AwsError, Ctx, Stored, Tags, Tx};

use super::{history, put_metric, threshold};

/// Makes the alarm, or configures the one of this name anew.
pub fn put(tx: &mut Tx, ctx: &Ctx, input: PutMetricAlarmInput) -> Result<(), AwsError> {
    threshold::check(&input)?;
    let name = input.alarm_name.clone();
    let definition = AlarmDefinition::Metric(Stored(put_metric::definition(input)));
    super::put(tx, ctx, &name, definition, Tags::new())
}

/// Removes it, if it is there.
pub fn delete(tx: &mut Tx, ctx: &Ctx, name: &str) {
    if let Some(deleted) = tx.delete::<Alarm>(&Alarm::key_of(&ctx.region, name)) {
        history::deleted(tx, &deleted, ctx.now);
    }
}
