//! What of CloudWatch is shown back but does not act: the evaluation of alarms that look at more
//! than one metric, or at one that is not measured, and actions that are no topics.

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition, AnomalyDetector};
use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_api::{Inert, Snapshot};

use crate::{act, composite, evaluated};

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let alarms = snapshot.all::<Alarm>().flat_map(|alarm| told(snapshot, &alarm));
    let detectors = snapshot.all::<AnomalyDetector>().filter_map(|found| detector(&found));
    alarms.chain(detectors).collect()
}

/// The band goes by a day's course in UTC, and knows no spikes.
fn detector(found: &AnomalyDetector) -> Option<Inert> {
    let detector = &found.detector;
    let zone = detector.configuration.as_ref().and_then(|told| told.metric_timezone.as_ref());
    let spikes = detector.metric_characteristics.as_ref().and_then(|told| told.periodic_spikes);
    let (field, on_aws) = match (zone, spikes) {
        (Some(zone), _) => {
            ("Configuration", format!("AWS would mind the summer time of {zone} in its band."))
        }
        (_, Some(true)) => {
            ("MetricCharacteristics", "AWS would expect spikes at the same times.".to_owned())
        }
        _ => return None,
    };
    Some(Inert::new(&found.of, field, on_aws))
}

fn told(snapshot: &Snapshot, alarm: &Alarm) -> Vec<Inert> {
    let (source, actions, enabled) = match &alarm.definition {
        AlarmDefinition::Metric(metric) => {
            let source = match (&metric.metrics, &metric.evaluation_criteria) {
                (Some(queries), _) if evaluated::are_measured(queries) => None,
                (Some(_), _) => {
                    Some(("Metrics", "every 60 s; here not all of its metrics are measured"))
                }
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
            let is_in_cycle = composite::is_in_cycle(snapshot, alarm);
            let source = is_in_cycle
                .then_some(("AlarmRule", "no more either: its rule leads back to itself"));
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
    actions.retain(|action| !acts(action));
    if !actions.is_empty() && enabled != Some(false) {
        let on_aws = format!("AWS would do {} when its state changes.", actions.join(", "));
        found.push(Inert::new(&alarm.arn, "AlarmActions", on_aws));
    }
    found
}

/// Topics are told, and scaling policies followed; of other actions the alarm's history says that
/// they failed.
fn acts(action: &str) -> bool {
    action.starts_with("arn:aws:sns:") || act::is_scaling(action)
}

fn is_measured(alarm: &MetricAlarm) -> bool {
    let (namespace, name) = (alarm.namespace.as_deref(), alarm.metric_name.as_deref());
    evaluated::is_measured(namespace.unwrap_or_default(), name.unwrap_or_default())
}
