//! Alarms: what their operations share.

pub mod act;
pub mod actions;
pub mod composite;
pub mod delete;
pub mod describe;
pub mod describe_for_metric;
pub mod evaluated;
pub mod history;
pub mod managed;
mod message;
pub mod put_composite;
pub mod put_metric;
mod rule;
pub mod set_state;
pub mod single;
mod threshold;

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition, AlarmState};
use neargate_api::types::cloudwatch::{CompositeAlarm, MetricAlarm};
use neargate_api::{AwsError, Ctx, Tags, Timestamp, Tx};

/// The reason of every alarm that was not evaluated yet.
const UNCHECKED: &str = "Unchecked: Initial alarm creation";

pub fn arn(ctx: &Ctx, name: &str) -> String {
    ctx.arn("cloudwatch", format!("alarm:{name}"))
}

/// The first of several alarms: the others are checked by [`authorize_rest`].
pub fn first_arn(ctx: &Ctx, names: &[String]) -> String {
    arn(ctx, names.first().map_or("*", String::as_str))
}

/// The permission on all alarms but the first.
fn authorize_rest(ctx: &Ctx, action: &str, names: &[String]) -> Result<(), AwsError> {
    names.iter().skip(1).try_for_each(|name| ctx.authorize(action, &arn(ctx, name)))
}

/// AWS's code for what the model does not say of an alarm.
fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "ValidationError", message)
}

/// Refuses actions that are no ARNs.
fn check_actions(lists: &[&Option<Vec<String>>]) -> Result<(), AwsError> {
    let actions = lists.iter().flat_map(|list| list.iter().flatten());
    for action in actions {
        if !action.starts_with("arn:") || action.split(':').count() < 6 {
            return Err(invalid(format!("Invalid arn syntax: {action}")));
        }
    }
    Ok(())
}

/// Makes the alarm, or configures the one of this name anew: its state and its
/// tags stay.
fn put(
    tx: &mut Tx,
    ctx: &Ctx,
    name: &str,
    definition: AlarmDefinition,
    tags: Tags,
) -> Result<(), AwsError> {
    let key = Alarm::key_of(&ctx.region, name);
    let Some(old) = tx.get::<Alarm>(&key) else {
        let made = new(ctx, name, definition, tags);
        history::created(tx, &made, ctx.now);
        tx.put(made);
        return Ok(());
    };
    let same_kind = matches!(
        (&old.definition, &definition),
        (AlarmDefinition::Metric(_), AlarmDefinition::Metric(_))
            | (AlarmDefinition::Composite(_), AlarmDefinition::Composite(_))
    );
    if !same_kind {
        return Err(invalid(format!(
            "Alarm of a different type with the name {name} already exists."
        )));
    }
    let changed = Alarm { definition, configured_at: ctx.now, ..Alarm::clone(&old) };
    history::configured(tx, &old, &changed, ctx.now);
    tx.put(changed);
    Ok(())
}

fn new(ctx: &Ctx, name: &str, definition: AlarmDefinition, tags: Tags) -> Alarm {
    Alarm {
        region: ctx.region.clone(),
        name: name.into(),
        arn: arn(ctx, name),
        definition,
        state: AlarmState::InsufficientData,
        state_reason: UNCHECKED.into(),
        state_reason_data: None,
        state_updated_at: ctx.now,
        state_transitioned_at: ctx.now,
        configured_at: ctx.now,
        held: None,
        tags,
    }
}

fn shown_metric(alarm: &Alarm, metric: &MetricAlarm) -> MetricAlarm {
    MetricAlarm {
        alarm_name: Some(alarm.name.clone()),
        alarm_arn: Some(alarm.arn.clone()),
        alarm_configuration_updated_timestamp: Some(alarm.configured_at),
        state_value: Some(alarm.state.name().into()),
        state_reason: Some(alarm.state_reason.clone()),
        state_reason_data: alarm.state_reason_data.clone(),
        state_updated_timestamp: Some(alarm.state_updated_at),
        state_transitioned_timestamp: Some(alarm.state_transitioned_at),
        ..metric.clone()
    }
}

fn shown_composite(alarm: &Alarm, composite: &CompositeAlarm) -> CompositeAlarm {
    let held = alarm.held.as_ref().map(|held| held.by.name());
    CompositeAlarm {
        actions_suppressed_by: held.map(str::to_owned),
        actions_suppressed_reason: held.map(|by| format!("Actions suppressed by {by}")),
        alarm_name: Some(alarm.name.clone()),
        alarm_arn: Some(alarm.arn.clone()),
        alarm_configuration_updated_timestamp: Some(alarm.configured_at),
        state_value: Some(alarm.state.name().into()),
        state_reason: Some(alarm.state_reason.clone()),
        state_reason_data: alarm.state_reason_data.clone(),
        state_updated_timestamp: Some(alarm.state_updated_at),
        state_transitioned_timestamp: Some(alarm.state_transitioned_at),
        ..composite.clone()
    }
}

/// The name of an alarm that is given by its name or its ARN.
pub fn name_of(given: &str) -> &str {
    match given.starts_with("arn:") {
        true => given.split_once(":alarm:").map_or(given, |(_, name)| name),
        false => given,
    }
}

/// The form of times within an alarm's history data.
fn history_time(time: Timestamp) -> String {
    time.format("%Y-%m-%dT%H:%M:%S.%3f+0000")
}
