//! "CloudWatch Alarm State Change": what an alarm watches, its state and the one before.
//! Source: "Alarm events and EventBridge" in the CloudWatch user guide.

use neargate_api::Timestamp;
use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::{
    CompositeAlarm, Dimension, MetricAlarm, MetricDataQuery, MetricStat,
};
use neargate_rules::event::Telling;
use serde_json::{Map, Value, json};

use super::Change;
use crate::fingerprint::uuid_of;

pub fn told(change: Change<'_, Alarm>) -> Vec<Telling> {
    let (Some(before), Some(after)) = (change.before, change.after) else { return Vec::new() };
    if before.state == after.state {
        return Vec::new();
    }
    let detail = json!({
        "alarmName": after.name,
        "configuration": configuration(after),
        "previousState": state(before),
        "state": state(after),
    });
    let kind = "CloudWatch Alarm State Change";
    vec![Telling::new("aws.cloudwatch", kind, after.arn.clone(), &detail)]
}

fn state(alarm: &Alarm) -> Value {
    let mut state = json!({
        "value": alarm.state.name(),
        "reason": alarm.state_reason,
        "timestamp": instant(alarm.state_updated_at),
    });
    if let Some(data) = &alarm.state_reason_data {
        state["reasonData"] = data.as_str().into();
    }
    if let Some(held) = &alarm.held {
        let by = held.by.name();
        state["actionsSuppressedBy"] = by.into();
        state["actionsSuppressedReason"] = format!("Actions suppressed by {by}").into();
    }
    state
}

/// `2019-10-02T17:04:40.989+0000`
fn instant(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S.%3f+0000")
}

fn configuration(alarm: &Alarm) -> Value {
    let (mut configuration, description) = match &alarm.definition {
        AlarmDefinition::Metric(metric) => {
            (json!({ "metrics": metrics(alarm, metric) }), &metric.alarm_description)
        }
        AlarmDefinition::Composite(composite) => {
            (composite_configuration(composite), &composite.alarm_description)
        }
    };
    if let Some(description) = description {
        configuration["description"] = description.as_str().into();
    }
    configuration
}

fn composite_configuration(composite: &CompositeAlarm) -> Value {
    let mut configuration = json!({ "alarmRule": composite.alarm_rule });
    if let Some(suppressor) = &composite.actions_suppressor {
        configuration["actionsSuppressor"] = suppressor.as_str().into();
        configuration["actionsSuppressorWaitPeriod"] =
            composite.actions_suppressor_wait_period.into();
        configuration["actionsSuppressorExtensionPeriod"] =
            composite.actions_suppressor_extension_period.into();
    }
    configuration
}

fn metrics(alarm: &Alarm, metric: &MetricAlarm) -> Vec<Value> {
    if let Some(queries) = metric.metrics.as_ref().filter(|queries| !queries.is_empty()) {
        return queries.iter().map(query).collect();
    }
    let statistic = metric.statistic.as_ref().or(metric.extended_statistic.as_ref());
    vec![json!({
        "id": uuid_of(&alarm.arn),
        "metricStat": {
            "metric": {
                "namespace": metric.namespace,
                "name": metric.metric_name,
                "dimensions": dimensions(metric.dimensions.as_deref()),
            },
            "period": metric.period,
            "stat": statistic,
        },
        "returnData": true,
    })]
}

fn query(query: &MetricDataQuery) -> Value {
    let mut shown = json!({ "id": query.id, "returnData": query.return_data.unwrap_or(true) });
    let optional = [("expression", &query.expression), ("label", &query.label)];
    for (name, value) in optional {
        if let Some(value) = value {
            shown[name] = value.as_str().into();
        }
    }
    if let Some(stat) = &query.metric_stat {
        shown["metricStat"] = metric_stat(stat);
    }
    shown
}

fn metric_stat(stat: &MetricStat) -> Value {
    json!({
        "metric": {
            "namespace": stat.metric.namespace,
            "name": stat.metric.metric_name,
            "dimensions": dimensions(stat.metric.dimensions.as_deref()),
        },
        "period": stat.period,
        "stat": stat.stat,
    })
}

fn dimensions(given: Option<&[Dimension]>) -> Map<String, Value> {
    let given = given.unwrap_or_default().iter();
    given.map(|dimension| (dimension.name.clone(), dimension.value.clone().into())).collect()
}
