//! What of CloudWatch is shown back but does not act: the evaluation of alarms that look at more
//! than one metric, or at one that is not measured, and the actions of all.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_api::{Inert, Snapshot};

use crate::evaluated;

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    snapshot.all::<Alarm>().flat_map(|alarm| told(&alarm)).collect()
}

fn told(alarm: &Alarm) -> Vec<Inert> {
    let (source, actions, enabled) = match &alarm.definition {
        AlarmDefinition::Metric(metric) => {
            let source = match (&metric.metrics, &metric.evaluation_criteria) {
                (Some(_), _) => Some(("Metrics", "every 60 s")),
                (_, Some(_)) => Some(("EvaluationCriteria", "every 60 s")),
                _ if !is_measured(metric) => {
                    Some(("MetricName", "every 60 s; here its metric is not measured"))
                }
                _ => None,
            };
            let lists =
                [&metric.alarm_actions, &metric.ok_actions, &metric.insufficient_data_actions];
            (source, lists, metric.actions_enabled)
        }
        AlarmDefinition::Composite(composite) => {
            let source = Some(("AlarmRule", "whenever an alarm of its rule changes"));
            let lists = [
                &composite.alarm_actions,
                &composite.ok_actions,
                &composite.insufficient_data_actions,
            ];
            (source, lists, composite.actions_enabled)
        }
    };
    let mut found = Vec::new();
    if let Some((field, when)) = source {
        found.push(Inert::new(&alarm.arn, field, format!("AWS would evaluate it {when}.")));
    }
    let actions = actions.into_iter().flatten().flatten().map(String::as_str);
    // Policies of Application Auto Scaling look at the alarm themselves.
    let mut actions: Vec<&str> =
        actions.filter(|action| !action.contains(":scalingPolicy:")).collect();
    actions.sort_unstable();
    actions.dedup();
    if !actions.is_empty() && enabled != Some(false) {
        let on_aws = format!("AWS would notify {} when its state changes.", actions.join(", "));
        found.push(Inert::new(&alarm.arn, "AlarmActions", on_aws));
    }
    found
}

fn is_measured(alarm: &MetricAlarm) -> bool {
    let (namespace, name) = (alarm.namespace.as_deref(), alarm.metric_name.as_deref());
    evaluated::is_measured(namespace.unwrap_or_default(), name.unwrap_or_default())
}
