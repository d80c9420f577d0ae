//! The managed alarms, evaluated as CloudWatch does.

use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_api::{Snapshot, Timestamp};
use neargate_model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_plan::metric_alarm::{Comparison, Condition, Datapoint, Missing};

use super::{Measured, minute_of};

/// The alarms that come to another state.
pub fn evaluated(snapshot: &Snapshot, measured: &Measured, now: Timestamp) -> Vec<Alarm> {
    let mut told = Vec::new();
    for alarm in snapshot.all::<Alarm>() {
        let AlarmDefinition::Metric(definition) = &alarm.definition else { continue };
        let Some(condition) = condition(definition) else { continue };
        let name = definition.metric_name.clone().unwrap_or_default();
        let minute = minute_of(now);
        let range = (1..=condition.range() as i64).rev().map(|back| {
            let value = *measured.get(&(name.clone(), minute - back))?;
            let at = Timestamp::from_secs((minute - back) * 60);
            Some(Datapoint { at, value, sample_count: 1.0, band: None })
        });
        let range: Vec<_> = range.collect();
        if let Some(verdict) = condition.evaluate(&range, alarm.state)
            && verdict.state != alarm.state
        {
            let mut alarm = Alarm::clone(&alarm);
            alarm.say(verdict.state, verdict.reason, None, now);
            told.push(alarm);
        }
    }
    told
}

fn condition(definition: &MetricAlarm) -> Option<Condition> {
    let periods = usize::try_from(definition.evaluation_periods?).ok()?;
    Some(Condition {
        comparison: Comparison::named(definition.comparison_operator.as_deref()?)?,
        threshold: definition.threshold?,
        periods,
        needed: periods,
        missing: Missing::named(definition.treat_missing_data.as_deref()),
    })
}
