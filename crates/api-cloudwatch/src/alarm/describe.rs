//! DescribeAlarms. Composite alarms are told only when they are asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::{DescribeAlarmsInput, DescribeAlarmsOutput, error};
use neargate_api::{AwsError, Ctx, Snapshot, page};

use crate::alarm::{self, invalid, rule};

pub async fn call(ctx: Ctx, input: DescribeAlarmsInput) -> Result<DescribeAlarmsOutput, AwsError> {
    if input.alarm_names.is_some() && input.alarm_name_prefix.is_some() {
        return Err(invalid("AlarmNames and AlarmNamePrefix are mutually exclusive."));
    }
    let snapshot = ctx.snapshot();
    let related = related(&snapshot, &ctx.region, &input)?;
    let of_type = |alarm: &Alarm| match related {
        Some(_) => true,
        None => is_of_type(alarm, input.alarm_types.as_deref()),
    };
    let prefix = input.alarm_name_prefix.as_deref().unwrap_or_default();
    let found = snapshot
        .scan::<Alarm>(&Alarm::key_of(&ctx.region, prefix))
        .filter(|alarm| of_type(alarm) && is_asked(alarm, &input))
        .filter(|alarm| related.as_ref().is_none_or(|names| names.contains(&alarm.name)));
    let limit = usize::try_from(input.max_records.unwrap_or(50)).unwrap_or(50);
    let page = page(found, |alarm| alarm.name.clone(), input.next_token.as_deref(), limit)
        .ok_or_else(|| error::invalid_next_token("The NextToken is invalid."))?;
    Ok(DescribeAlarmsOutput { next_token: page.next_token, ..shown(&page.items) })
}

fn shown(alarms: &[Arc<Alarm>]) -> DescribeAlarmsOutput {
    let (mut metrics, mut composites) = (Vec::new(), Vec::new());
    for alarm in alarms {
        match &alarm.definition {
            AlarmDefinition::Metric(metric) => metrics.push(alarm::shown_metric(alarm, metric)),
            AlarmDefinition::Composite(composite) => {
                composites.push(alarm::shown_composite(alarm, composite));
            }
        }
    }
    DescribeAlarmsOutput {
        composite_alarms: Some(composites),
        log_alarms: Some(Vec::new()),
        metric_alarms: Some(metrics),
        next_token: None,
    }
}

fn is_of_type(alarm: &Alarm, types: Option<&[String]>) -> bool {
    let name = match alarm.definition {
        AlarmDefinition::Metric(_) => "MetricAlarm",
        AlarmDefinition::Composite(_) => "CompositeAlarm",
    };
    match types {
        None | Some([]) => name == "MetricAlarm",
        Some(types) => types.iter().any(|asked| asked == name),
    }
}

fn is_asked(alarm: &Alarm, input: &DescribeAlarmsInput) -> bool {
    let names = input.alarm_names.as_ref().filter(|names| !names.is_empty());
    let actions = match &alarm.definition {
        AlarmDefinition::Metric(metric) => {
            [&metric.alarm_actions, &metric.ok_actions, &metric.insufficient_data_actions]
        }
        AlarmDefinition::Composite(composite) => {
            [&composite.alarm_actions, &composite.ok_actions, &composite.insufficient_data_actions]
        }
    };
    let mut actions = actions.into_iter().flatten().flatten();
    let of_prefix = |prefix: &String| actions.any(|action| action.starts_with(prefix));
    names.is_none_or(|names| names.contains(&alarm.name))
        && input.state_value.as_ref().is_none_or(|state| state == alarm.state.name())
        && input.action_prefix.as_ref().is_none_or(of_prefix)
}

/// The children or the parents that are asked for; nothing when neither is.
fn related(
    snapshot: &Snapshot,
    region: &str,
    input: &DescribeAlarmsInput,
) -> Result<Option<BTreeSet<String>>, AwsError> {
    let named_by = |alarm: &Alarm| match &alarm.definition {
        AlarmDefinition::Composite(composite) => {
            rule::alarms(composite.alarm_rule.as_deref().unwrap_or_default()).unwrap_or_default()
        }
        AlarmDefinition::Metric(_) => BTreeSet::new(),
    };
    match (&input.children_of_alarm_name, &input.parents_of_alarm_name) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => {
            Err(invalid("ChildrenOfAlarmName and ParentsOfAlarmName are mutually exclusive."))
        }
        (Some(parent), None) => {
            let parent = snapshot.get::<Alarm>(&Alarm::key_of(region, parent));
            Ok(Some(parent.map(|parent| named_by(&parent)).unwrap_or_default()))
        }
        (None, Some(child)) => {
            let all = snapshot.scan::<Alarm>(&Alarm::key_of(region, ""));
            let parents = all.filter(|alarm| named_by(alarm).contains(child));
            Ok(Some(parents.map(|parent| parent.name.clone()).collect()))
        }
    }
}
