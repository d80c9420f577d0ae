//! What an alarm publishes when its state changes: the JSON that AWS's subscribers read, member by
//! member in AWS's order, and the subject of its mail. Pure.
//!
//! Source: the messages of alarms on AWS, and "Notify users on alarm changes" in the CloudWatch
//! guide.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::{
    CompositeAlarm, Dimension, MetricAlarm, MetricDataQuery, MetricStat,
};
use neargate_api::{Arn, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::history_time;

/// Characters of a subject, as SNS takes them.
const SUBJECT_LENGTH: usize = 100;

/// `ALARM: "cpu" in US West (Oregon)`
pub fn subject(alarm: &Alarm) -> String {
    let region = region_name(&alarm.region);
    let subject = format!("{}: \"{}\" in {region}", alarm.state.name(), alarm.name);
    match subject.chars().count() > SUBJECT_LENGTH {
        true => subject.chars().take(SUBJECT_LENGTH - 3).chain("...".chars()).collect(),
        false => subject,
    }
}

/// The message of an alarm that came from `old` to `new`.
pub fn message(old: &Alarm, new: &Alarm, children: &[Child]) -> String {
    let arn: Option<Arn> = new.arn.parse().ok();
    let account = arn.map(|arn| arn.account).unwrap_or_default();
    let shown = match &new.definition {
        AlarmDefinition::Metric(metric) => to_json(&MetricMessage {
            alarm_name: &new.name,
            alarm_description: metric.alarm_description.as_deref(),
            aws_account_id: &account,
            alarm_configuration_updated_timestamp: history_time(new.configured_at),
            new_state_value: new.state.name(),
            new_state_reason: &new.state_reason,
            state_change_time: history_time(new.state_updated_at),
            region: region_name(&new.region),
            alarm_arn: &new.arn,
            old_state_value: old.state.name(),
            ok_actions: list(&metric.ok_actions),
            alarm_actions: list(&metric.alarm_actions),
            insufficient_data_actions: list(&metric.insufficient_data_actions),
            trigger: trigger(metric),
        }),
        AlarmDefinition::Composite(composite) => {
            to_json(&composite_message(old, new, composite, &account, children))
        }
    };
    shown.unwrap_or_default()
}

/// An alarm of a composite one's rule, which has brought it about.
pub struct Child {
    pub arn: String,
    pub state: &'static str,
    pub at: Timestamp,
}

fn to_json(message: &impl Serialize) -> Option<String> {
    serde_json::to_string(message).ok()
}

fn list(actions: &Option<Vec<String>>) -> &[String] {
    actions.as_deref().unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MetricMessage<'a> {
    alarm_name: &'a str,
    alarm_description: Option<&'a str>,
    #[serde(rename = "AWSAccountId")]
    aws_account_id: &'a str,
    alarm_configuration_updated_timestamp: String,
    new_state_value: &'a str,
    new_state_reason: &'a str,
    state_change_time: String,
    region: &'a str,
    alarm_arn: &'a str,
    old_state_value: &'a str,
    #[serde(rename = "OKActions")]
    ok_actions: &'a [String],
    alarm_actions: &'a [String],
    insufficient_data_actions: &'a [String],
    trigger: Trigger<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CompositeMessage<'a> {
    alarm_name: &'a str,
    alarm_description: Option<&'a str>,
    #[serde(rename = "AWSAccountId")]
    aws_account_id: &'a str,
    new_state_value: &'a str,
    new_state_reason: &'a str,
    state_change_time: String,
    region: &'a str,
    alarm_arn: &'a str,
    #[serde(rename = "OKActions")]
    ok_actions: &'a [String],
    alarm_actions: &'a [String],
    insufficient_data_actions: &'a [String],
    old_state_value: &'a str,
    alarm_rule: &'a str,
    triggering_children: Vec<Value>,
}

fn composite_message<'a>(
    old: &'a Alarm,
    new: &'a Alarm,
    composite: &'a CompositeAlarm,
    account: &'a str,
    children: &[Child],
) -> CompositeMessage<'a> {
    let child = |child: &Child| {
        let state = json!({ "Value": child.state, "Timestamp": history_time(child.at) });
        json!({ "Arn": child.arn, "State": state })
    };
    CompositeMessage {
        alarm_name: &new.name,
        alarm_description: composite.alarm_description.as_deref(),
        aws_account_id: account,
        new_state_value: new.state.name(),
        new_state_reason: &new.state_reason,
        state_change_time: history_time(new.state_updated_at),
        region: region_name(&new.region),
        alarm_arn: &new.arn,
        ok_actions: list(&composite.ok_actions),
        alarm_actions: list(&composite.alarm_actions),
        insufficient_data_actions: list(&composite.insufficient_data_actions),
        old_state_value: old.state.name(),
        alarm_rule: composite.alarm_rule.as_deref().unwrap_or_default(),
        triggering_children: children.iter().map(child).collect(),
    }
}

/// What the alarm watches: one metric, or the queries of its list.
#[derive(Serialize)]
#[serde(untagged)]
enum Trigger<'a> {
    One(One<'a>),
    Many(Many<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct One<'a> {
    metric_name: Option<&'a str>,
    namespace: Option<&'a str>,
    statistic_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_statistic: Option<&'a str>,
    unit: Option<&'a str>,
    dimensions: Vec<Value>,
    #[serde(flatten)]
    condition: Condition<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Many<'a> {
    #[serde(flatten)]
    condition: Condition<'a>,
    metrics: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Condition<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<i32>,
    evaluation_periods: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    datapoints_to_alarm: Option<i32>,
    comparison_operator: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_metric_id: Option<&'a str>,
    treat_missing_data: &'a str,
    evaluate_low_sample_count_percentile: &'a str,
}

fn trigger(metric: &MetricAlarm) -> Trigger<'_> {
    let condition = Condition {
        period: metric.period.or_else(|| metric.metrics.as_deref().and_then(shortest_period)),
        evaluation_periods: metric.evaluation_periods,
        datapoints_to_alarm: metric.datapoints_to_alarm,
        comparison_operator: metric.comparison_operator.as_deref(),
        threshold: metric.threshold,
        threshold_metric_id: metric.threshold_metric_id.as_deref(),
        treat_missing_data: metric.treat_missing_data.as_deref().unwrap_or("missing"),
        evaluate_low_sample_count_percentile: metric
            .evaluate_low_sample_count_percentile
            .as_deref()
            .unwrap_or_default(),
    };
    if let Some(queries) = &metric.metrics {
        return Trigger::Many(Many { condition, metrics: queries.iter().map(query).collect() });
    }
    let is_extended = metric.extended_statistic.is_some();
    Trigger::One(One {
        metric_name: metric.metric_name.as_deref(),
        namespace: metric.namespace.as_deref(),
        statistic_type: if is_extended { "ExtendedStatistic" } else { "Statistic" },
        statistic: metric.statistic.as_deref().map(capitals),
        extended_statistic: metric.extended_statistic.as_deref(),
        unit: metric.unit.as_deref(),
        dimensions: dimensions(metric.dimensions.as_deref()),
        condition,
    })
}

fn shortest_period(queries: &[MetricDataQuery]) -> Option<i32> {
    let own = |query: &MetricDataQuery| {
        query.period.or_else(|| query.metric_stat.as_ref().map(|stat| stat.period))
    };
    queries.iter().filter_map(own).min()
}

/// `SAMPLE_COUNT`
fn capitals(statistic: &str) -> String {
    match statistic {
        "SampleCount" => "SAMPLE_COUNT".to_owned(),
        other => other.to_uppercase(),
    }
}

fn dimensions(given: Option<&[Dimension]>) -> Vec<Value> {
    let given = given.unwrap_or_default().iter();
    given.map(|one| json!({ "value": one.value, "name": one.name })).collect()
}

fn query(query: &MetricDataQuery) -> Value {
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    set("Id", query.id.as_str().into());
    for (name, value) in [("Expression", &query.expression), ("Label", &query.label)] {
        if let Some(value) = value {
            set(name, value.as_str().into());
        }
    }
    if let Some(stat) = &query.metric_stat {
        set("MetricStat", metric_stat(stat));
    }
    set("ReturnData", query.return_data.unwrap_or(true).into());
    Value::Object(shown)
}

fn metric_stat(stat: &MetricStat) -> Value {
    json!({
        "Metric": {
            "Dimensions": dimensions(stat.metric.dimensions.as_deref()),
            "MetricName": stat.metric.metric_name,
            "Namespace": stat.metric.namespace,
        },
        "Period": stat.period,
        "Stat": stat.stat,
    })
}

/// The region as people call it. One that is not known keeps its code.
fn region_name(region: &str) -> &str {
    match region {
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        "af-south-1" => "Africa (Cape Town)",
        "ap-east-1" => "Asia Pacific (Hong Kong)",
        "ap-south-1" => "Asia Pacific (Mumbai)",
        "ap-south-2" => "Asia Pacific (Hyderabad)",
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "ap-northeast-2" => "Asia Pacific (Seoul)",
        "ap-northeast-3" => "Asia Pacific (Osaka)",
        "ap-southeast-1" => "Asia Pacific (Singapore)",
        "ap-southeast-2" => "Asia Pacific (Sydney)",
        "ap-southeast-3" => "Asia Pacific (Jakarta)",
        "ap-southeast-4" => "Asia Pacific (Melbourne)",
        "ca-central-1" => "Canada (Central)",
        "ca-west-1" => "Canada West (Calgary)",
        "eu-central-1" => "EU (Frankfurt)",
        "eu-central-2" => "EU (Zurich)",
        "eu-north-1" => "EU (Stockholm)",
        "eu-south-1" => "EU (Milan)",
        "eu-south-2" => "EU (Spain)",
        "eu-west-1" => "EU (Ireland)",
        "eu-west-2" => "EU (London)",
        "eu-west-3" => "EU (Paris)",
        "il-central-1" => "Israel (Tel Aviv)",
        "me-central-1" => "Middle East (UAE)",
        "me-south-1" => "Middle East (Bahrain)",
        "sa-east-1" => "South America (Sao Paulo)",
        other => other,
    }
}
