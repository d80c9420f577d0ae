//! DeleteAlarms: up to a hundred, of which one may be composite. Names that
//! nobody has are passed over, as on AWS.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::{DeleteAlarmsInput, DeleteAlarmsOutput};
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::alarm::{authorize_rest, history, invalid, rule};

pub async fn call(ctx: Ctx, input: DeleteAlarmsInput) -> Result<DeleteAlarmsOutput, AwsError> {
    authorize_rest(&ctx, "cloudwatch:DeleteAlarms", &input.alarm_names)?;
    let (region, now, names) = (ctx.region.clone(), ctx.now, input.alarm_names);
    ctx.write(move |tx| {
        check(tx, &region, &names)?;
        for name in &names {
            if let Some(deleted) = tx.delete::<Alarm>(&Alarm::key_of(&region, name)) {
                history::deleted(tx, &deleted, now);
            }
        }
        Ok(())
    })
    .await?;
    Ok(DeleteAlarmsOutput {})
}

fn check(snapshot: &Snapshot, region: &str, names: &[String]) -> Result<(), AwsError> {
    let composites = names.iter().filter(|name| {
        let alarm = snapshot.get::<Alarm>(&Alarm::key_of(region, name));
        alarm.is_some_and(|alarm| matches!(alarm.definition, AlarmDefinition::Composite(_)))
    });
    if composites.count() > 1 {
        return Err(invalid("At most one composite alarm can be deleted at a time."));
    }
    for other in snapshot.scan::<Alarm>(&Alarm::key_of(region, "")) {
        if names.contains(&other.name) {
            continue;
        }
        let AlarmDefinition::Composite(composite) = &other.definition else { continue };
        let rule = composite.alarm_rule.as_deref().unwrap_or_default();
        let named = rule::alarms(rule).unwrap_or_default();
        if let Some(name) = names.iter().find(|name| named.contains(*name)) {
            return Err(invalid(format!(
                "Cannot delete {name} as there are composite alarm(s) depending on it: {}.",
                other.name
            )));
        }
    }
    Ok(())
}
