//! A target's policies, read: with what their alarms say, and where their metrics are.

use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_api::model::application_autoscaling::{ScalableTarget, ScalingPolicy, of_target};
use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition, AlarmState};
use neargate_api::types::application_autoscaling::{
    self as wire, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration,
};
use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_plan::scaling::Policy;
use neargate_plan::scaling::step::{Adjustment, Breach, Interval, Step};
use neargate_plan::scaling::tracking::{Signal, Tracking};
use serde_json::Value;

use super::Values;

/// AWS's default of every cooldown.
const COOLDOWN_S: i32 = 300;
/// Periods that target tracking goes by.
const TRACKED: usize = 3;

/// The policies of a target that can speak.
pub fn of(snapshot: &Snapshot, target: &ScalableTarget, values: &dyn Values) -> Vec<Policy> {
    let shown = &target.shown;
    let prefix = of_target(&target.region, &shown.scalable_dimension, &shown.resource_id);
    let mut all = Vec::new();
    for policy in snapshot.scan::<ScalingPolicy>(&prefix) {
        let shown = &policy.shown;
        if let Some(configuration) = &shown.target_tracking_scaling_policy_configuration {
            all.push(Policy::Tracking(tracking(snapshot, &policy, configuration, values)));
        }
        if let Some(configuration) = &shown.step_scaling_policy_configuration {
            let steps = triggers(snapshot, &policy);
            let steps =
                steps.iter().filter_map(|alarm| step(&policy, configuration, alarm, values));
            all.extend(steps.map(Policy::Step));
        }
    }
    all
}

fn tracking(
    snapshot: &Snapshot,
    policy: &ScalingPolicy,
    configuration: &TargetTrackingScalingPolicyConfiguration,
    values: &dyn Values,
) -> Tracking {
    let find = |mark| managed(snapshot, policy, mark);
    let (high, low) = (find("-AlarmHigh-"), find("-AlarmLow-"));
    let watching = high.as_ref().or(low.as_ref());
    let watching = watching.and_then(|alarm| Some((alarm, definition(alarm)?)));
    let signal = |alarm: Option<Arc<Alarm>>| {
        let alarm = alarm.filter(|alarm| acts(alarm, &policy.shown.policy_arn))?;
        Some(Signal { alarm: alarm.name.clone(), state: alarm.state })
    };
    Tracking {
        policy: policy.shown.policy_name.clone(),
        target: configuration.target_value,
        values: watching.map_or_else(Vec::new, |(alarm, metric)| values.of(alarm, metric, TRACKED)),
        high: signal(high.clone()),
        low: signal(low),
        scales_in: configuration.disable_scale_in != Some(true),
        out_cooldown_s: configuration.scale_out_cooldown.unwrap_or(COOLDOWN_S).into(),
        in_cooldown_s: configuration.scale_in_cooldown.unwrap_or(COOLDOWN_S).into(),
    }
}

/// The alarm of this kind that is managed for a policy.
fn managed(snapshot: &Snapshot, policy: &ScalingPolicy, mark: &str) -> Option<Arc<Alarm>> {
    let has_mark = |alarm: &&wire::Alarm| alarm.alarm_name.contains(mark);
    let alarm = policy.shown.alarms.iter().flatten().find(has_mark)?;
    snapshot.get::<Alarm>(&Alarm::key_of(&policy.region, &alarm.alarm_name))
}

fn definition(alarm: &Alarm) -> Option<&MetricAlarm> {
    match &alarm.definition {
        AlarmDefinition::Metric(metric) => Some(metric),
        AlarmDefinition::Composite(_) => None,
    }
}

/// The alarms that trigger a policy in the state that they are in.
fn triggers(snapshot: &Snapshot, policy: &ScalingPolicy) -> Vec<Arc<Alarm>> {
    let all = snapshot.scan::<Alarm>(&Alarm::key_of(&policy.region, ""));
    all.filter(|alarm| is_triggering(alarm, &policy.shown.policy_arn)).collect()
}

/// Whether the alarm has the policy among the actions of its state.
fn is_triggering(alarm: &Alarm, policy_arn: &str) -> bool {
    let Some(metric) = definition(alarm).filter(|metric| metric.actions_enabled != Some(false))
    else {
        return false;
    };
    let actions = match alarm.state {
        AlarmState::Alarm => &metric.alarm_actions,
        AlarmState::Ok => &metric.ok_actions,
        AlarmState::InsufficientData => &metric.insufficient_data_actions,
    };
    actions.iter().flatten().any(|action| action == policy_arn)
}

/// Whether a managed alarm is left as it was made: enabled, with its policy's ARN.
fn acts(alarm: &Alarm, policy_arn: &str) -> bool {
    definition(alarm).is_some_and(|metric| {
        metric.actions_enabled != Some(false)
            && metric.alarm_actions.iter().flatten().any(|action| action == policy_arn)
    })
}

/// A policy of steps that an alarm triggers; `None` where the metric is not known.
fn step(
    policy: &ScalingPolicy,
    configuration: &StepScalingPolicyConfiguration,
    alarm: &Alarm,
    values: &dyn Values,
) -> Option<Step> {
    let metric = definition(alarm)?;
    let periods = usize::try_from(metric.evaluation_periods.unwrap_or(1)).ok()?;
    let mut lately = values.of(alarm, metric, periods);
    if lately.is_empty() {
        lately = said(alarm);
    }
    let comparison = metric.comparison_operator.as_deref().unwrap_or_default();
    let interval = |step: &wire::StepAdjustment| Interval {
        lower: step.metric_interval_lower_bound,
        upper: step.metric_interval_upper_bound,
        adjustment: step.scaling_adjustment,
    };
    Some(Step {
        policy: policy.shown.policy_name.clone(),
        adjustment: match configuration.adjustment_type.as_deref()? {
            "ExactCapacity" => Adjustment::Exact,
            "PercentChangeInCapacity" => {
                let at_least = configuration.min_adjustment_magnitude.unwrap_or(0);
                Adjustment::Percent { at_least: at_least.unsigned_abs() }
            }
            _ => Adjustment::Change,
        },
        steps: configuration.step_adjustments.iter().flatten().map(interval).collect(),
        cooldown_s: configuration.cooldown.unwrap_or(COOLDOWN_S).into(),
        breach: Breach {
            alarm: alarm.name.clone(),
            state: alarm.state,
            threshold: metric.threshold?,
            is_above: comparison.starts_with("GreaterThan"),
            value: aggregated(&lately, configuration.metric_aggregation_type.as_deref())?,
        },
    })
}

/// What the alarm's state was explained by: where somebody set it by hand, all that is known.
fn said(alarm: &Alarm) -> Vec<f64> {
    let data = alarm.state_reason_data.as_deref().and_then(|data| serde_json::from_str(data).ok());
    let data: Value = data.unwrap_or_default();
    let points = data["recentDatapoints"].as_array().cloned().unwrap_or_default();
    points.iter().rev().filter_map(Value::as_f64).collect()
}

fn aggregated(values: &[f64], kind: Option<&str>) -> Option<f64> {
    match kind {
        Some("Minimum") => values.iter().copied().reduce(f64::min),
        Some("Maximum") => values.iter().copied().reduce(f64::max),
        _ => (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
    }
}
