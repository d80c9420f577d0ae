//! PutCompositeAlarm: an alarm over other alarms.

use std::collections::BTreeSet;

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::{
    CompositeAlarm, PutCompositeAlarmInput, PutCompositeAlarmOutput,
};
use neargate_api::{AwsError, Ctx, Snapshot, Stored};

use crate::alarm::{invalid, rule};
use crate::{alarm, tags};

/// Alarms that a rule may name.
const ALARM_LIMIT: usize = 100;

pub async fn call(
    ctx: Ctx,
    input: PutCompositeAlarmInput,
) -> Result<PutCompositeAlarmOutput, AwsError> {
    let mut named = rule::alarms(&input.alarm_rule).map_err(|malformed| {
        invalid(format!("AlarmRule contains invalid expression: {}", malformed.0))
    })?;
    if named.len() > ALARM_LIMIT {
        return Err(invalid(format!("AlarmRule may name at most {ALARM_LIMIT} alarms.")));
    }
    if named.contains(&input.alarm_name) {
        return Err(invalid("AlarmRule must not contain a reference to the alarm itself."));
    }
    check_suppressor(&input)?;
    alarm::check_actions(&[
        &input.alarm_actions,
        &input.ok_actions,
        &input.insufficient_data_actions,
    ])?;
    if let Some(suppressor) = &input.actions_suppressor {
        named.insert(alarm::name_of(suppressor).to_owned());
    }
    let tags = tags::read(input.tags.clone())?;
    let name = input.alarm_name.clone();
    let definition = AlarmDefinition::Composite(Stored(definition(input)));
    let asked = ctx.clone();
    ctx.write(move |tx| {
        check_present(tx, &asked.region, &named)?;
        alarm::put(tx, &asked, &name, definition, tags)
    })
    .await?;
    Ok(PutCompositeAlarmOutput {})
}

fn check_suppressor(input: &PutCompositeAlarmInput) -> Result<(), AwsError> {
    let waits = input.actions_suppressor_wait_period.is_some()
        && input.actions_suppressor_extension_period.is_some();
    let one = input.actions_suppressor_wait_period.is_some()
        || input.actions_suppressor_extension_period.is_some();
    match input.actions_suppressor.is_some() {
        true if !waits => Err(invalid(
            "ActionsSuppressor needs ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod.",
        )),
        false if one => Err(invalid(
            "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod need an ActionsSuppressor.",
        )),
        _ => Ok(()),
    }
}

fn check_present(
    snapshot: &Snapshot,
    region: &str,
    named: &BTreeSet<String>,
) -> Result<(), AwsError> {
    let absent = |name: &&String| !snapshot.contains::<Alarm>(&Alarm::key_of(region, name));
    let absent: Vec<&str> = named.iter().filter(absent).map(String::as_str).collect();
    if absent.is_empty() {
        return Ok(());
    }
    Err(invalid(format!(
        "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
        absent.join(", ")
    )))
}

fn definition(input: PutCompositeAlarmInput) -> CompositeAlarm {
    CompositeAlarm {
        action_configuration: input.action_configuration,
        actions_enabled: Some(input.actions_enabled.unwrap_or(true)),
        actions_suppressor: input.actions_suppressor,
        actions_suppressor_extension_period: input.actions_suppressor_extension_period,
        actions_suppressor_wait_period: input.actions_suppressor_wait_period,
        alarm_actions: Some(input.alarm_actions.unwrap_or_default()),
        alarm_description: input.alarm_description,
        alarm_rule: Some(input.alarm_rule),
        insufficient_data_actions: Some(input.insufficient_data_actions.unwrap_or_default()),
        ok_actions: Some(input.ok_actions.unwrap_or_default()),
        ..Default::default()
    }
}
