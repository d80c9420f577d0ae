//! What of CloudWatch is shown back but does not act: that alarms are evaluated.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::{Inert, Snapshot};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    snapshot.all::<Alarm>().map(|alarm| told(&alarm)).collect()
}

fn told(alarm: &Alarm) -> Inert {
    let (field, actions, enabled) = match &alarm.definition {
        AlarmDefinition::Metric(metric) => {
            ("MetricName", metric.alarm_actions.clone(), metric.actions_enabled)
        }
        AlarmDefinition::Composite(composite) => {
            ("AlarmRule", composite.alarm_actions.clone(), composite.actions_enabled)
        }
    };
    let actions = actions.filter(|actions| !actions.is_empty() && enabled != Some(false));
    let notify = match actions {
        Some(actions) => format!(" and notify {} when it goes into ALARM", actions.join(", ")),
        None => String::new(),
    };
    let when = match &alarm.definition {
        AlarmDefinition::Metric(_) => "every 60 s",
        AlarmDefinition::Composite(_) => "whenever an alarm of its rule changes",
    };
    Inert::new(&alarm.arn, field, format!("AWS would evaluate it {when}{notify}."))
}
