//! What happened to alarms: written with each change, read by
//! DescribeAlarmHistory. Items of more than 30 days are dropped with the
//! alarm's next one.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition, AlarmHistoryItem};
use neargate_api::types::cloudwatch::{
    self, DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput, error,
};
use neargate_api::{AwsError, Ctx, Record, Stored, Timestamp, Tx, page};
use serde_json::{Value, json};

use crate::alarm::history_time;

const KEPT_S: i64 = 30 * 24 * 60 * 60;

pub fn created(tx: &mut Tx, alarm: &Alarm, now: Timestamp) {
    let data = json!({ "version": "1.0", "type": "Create", "createdAlarm": configuration(alarm) });
    let summary = format!("Alarm \"{}\" created", alarm.name);
    add(tx, alarm, "ConfigurationUpdate", summary, data, now);
}

pub fn configured(tx: &mut Tx, old: &Alarm, new: &Alarm, now: Timestamp) {
    let data = json!({
        "version": "1.0",
        "type": "Update",
        "originalUpdatedFields": configuration(old),
        "updatedAlarm": configuration(new),
    });
    let summary = format!("Alarm \"{}\" updated", new.name);
    add(tx, new, "ConfigurationUpdate", summary, data, now);
}

pub fn deleted(tx: &mut Tx, alarm: &Alarm, now: Timestamp) {
    let data = json!({ "version": "1.0", "type": "Delete", "deletedAlarm": configuration(alarm) });
    let summary = format!("Alarm \"{}\" deleted", alarm.name);
    add(tx, alarm, "ConfigurationUpdate", summary, data, now);
}

pub fn transitioned(tx: &mut Tx, old: &Alarm, new: &Alarm, now: Timestamp) {
    let data = json!({ "version": "1.0", "oldState": state(old), "newState": state(new) });
    let summary = format!("Alarm updated from {} to {}", old.state.name(), new.state.name());
    add(tx, new, "StateUpdate", summary, data, now);
}

pub fn acted(tx: &mut Tx, alarm: &Alarm, summary: String, data: Value, now: Timestamp) {
    add(tx, alarm, "Action", summary, data, now);
}

fn state(alarm: &Alarm) -> Value {
    let mut state = json!({ "stateValue": alarm.state.name(), "stateReason": alarm.state_reason });
    let data = alarm.state_reason_data.as_deref().and_then(|data| serde_json::from_str(data).ok());
    if let Some(data) = data {
        state["stateReasonData"] = data;
    }
    state
}

/// The alarm as its history tells it: its wire shape, and its times as text.
fn configuration(alarm: &Alarm) -> Value {
    let definition = match &alarm.definition {
        AlarmDefinition::Metric(metric) => serde_json::to_value(metric),
        AlarmDefinition::Composite(composite) => serde_json::to_value(composite),
    };
    let mut shown = definition.unwrap_or_default();
    shown["AlarmName"] = alarm.name.clone().into();
    shown["AlarmArn"] = alarm.arn.clone().into();
    shown["StateValue"] = alarm.state.name().into();
    shown["StateUpdatedTimestamp"] = history_time(alarm.state_updated_at).into();
    shown["AlarmConfigurationUpdatedTimestamp"] = history_time(alarm.configured_at).into();
    shown
}

fn add(tx: &mut Tx, alarm: &Alarm, kind: &str, summary: String, data: Value, now: Timestamp) {
    let prefix = AlarmHistoryItem::prefix(&alarm.region, &alarm.name);
    let old: Vec<String> = tx
        .scan::<AlarmHistoryItem>(&prefix)
        .take_while(|item| item.at < now.plus_secs(-KEPT_S))
        .map(|item| item.key())
        .collect();
    for key in old {
        tx.delete::<AlarmHistoryItem>(&key);
    }
    let last = tx.scan::<AlarmHistoryItem>(&prefix).next_back().filter(|item| item.at == now);
    let number = last.map_or(0, |item| item.number + 1);
    let alarm_type = match alarm.definition {
        AlarmDefinition::Metric(_) => "MetricAlarm",
        AlarmDefinition::Composite(_) => "CompositeAlarm",
    };
    let item = cloudwatch::AlarmHistoryItem {
        alarm_name: Some(alarm.name.clone()),
        alarm_type: Some(alarm_type.into()),
        history_data: Some(data.to_string()),
        history_item_type: Some(kind.into()),
        history_summary: Some(summary),
        timestamp: Some(now),
        ..Default::default()
    };
    tx.put(AlarmHistoryItem {
        region: alarm.region.clone(),
        alarm: alarm.name.clone(),
        at: now,
        number,
        item: Stored(item),
    });
}

/// DescribeAlarmHistory: the newest first, unless asked otherwise.
pub async fn describe(
    ctx: Ctx,
    input: DescribeAlarmHistoryInput,
) -> Result<DescribeAlarmHistoryOutput, AwsError> {
    let snapshot = ctx.snapshot();
    let prefix = match &input.alarm_name {
        Some(name) => AlarmHistoryItem::prefix(&ctx.region, name),
        None => format!("{}/", ctx.region),
    };
    let oldest_first = input.scan_by.as_deref() == Some("TimestampAscending");
    let mut items: Vec<_> = snapshot
        .scan::<AlarmHistoryItem>(&prefix)
        .filter(|item| is_asked(item, &input))
        .map(|item| (order_key(&item, oldest_first), item))
        .collect();
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let limit = usize::try_from(input.max_records.unwrap_or(50)).unwrap_or(50);
    let page = page(items, |(key, _)| key.clone(), input.next_token.as_deref(), limit)
        .ok_or_else(|| error::invalid_next_token("The NextToken is invalid."))?;
    let items = page.items.iter().map(|(_, item)| item.item.0.clone());
    Ok(DescribeAlarmHistoryOutput {
        alarm_history_items: Some(items.collect()),
        next_token: page.next_token,
    })
}

/// Over all alarms, by time.
fn order_key(item: &AlarmHistoryItem, oldest_first: bool) -> String {
    let (at, number) = match oldest_first {
        true => (item.at.millis(), item.number),
        false => (i64::MAX - item.at.millis(), u32::MAX - item.number),
    };
    format!("{at:020}-{number:010}-{}", item.alarm)
}

fn is_asked(item: &AlarmHistoryItem, input: &DescribeAlarmHistoryInput) -> bool {
    let types = input.alarm_types.as_deref().filter(|types| !types.is_empty());
    let alarm_type = item.item.alarm_type.as_ref();
    let of_type = match types {
        Some(types) => alarm_type.is_some_and(|of| types.contains(of)),
        None => alarm_type.is_some_and(|of| of == "MetricAlarm"),
    };
    of_type
        && input.start_date.is_none_or(|start| item.at >= start)
        && input.end_date.is_none_or(|end| item.at <= end)
        && (input.history_item_type.is_none()
            || input.history_item_type == item.item.history_item_type)
}
