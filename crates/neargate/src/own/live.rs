//! `/_neargate/live`: how services live, now and over the last half an hour, in one document:
//! capacity, what CloudWatch has measured, alarms, and what scaling did. `neargate top` draws it.
//!
//! `/_neargate/live/NAME` or `…/CLUSTER/NAME` is the one of that name alone.

use std::sync::Arc;

use neargate_api::model::application_autoscaling::{
    ScalableTarget, ScalingActivity, ScalingPolicy, of_target,
};
use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition};
use neargate_api::model::ecs::Service;
use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_api::{Cloud, Snapshot, Timestamp};
use neargate_series::{Metric, Query, Series, SeriesError, Statistic};
use serde_json::{Value, json};

use super::services::{chosen, shown, tasks_by_service};

/// Minutes of each chart.
const MINUTES: i64 = 30;
/// How many of the last scaling activities are told.
const ACTIVITIES: usize = 5;
const DIMENSION: &str = "ecs:service:DesiredCount";

/// The document of all services, or of those that `wanted` names.
pub fn document(cloud: &Cloud, series: &Series, wanted: Option<&str>) -> Result<Value, String> {
    let (snapshot, now) = (cloud.store.snapshot(), cloud.clock.now());
    let (tasks, _) = tasks_by_service(&snapshot);
    let services = chosen(&snapshot, wanted)?.into_iter().map(|service| {
        let watched = Watched::of(&service);
        let mut live = shown(&snapshot, &service, &tasks, &[]);
        live["capacity"] = capacity(&snapshot, &service);
        live["charts"] = charts(&snapshot, series, &service, &watched, now)
            .map_err(|error| format!("the metrics of {} cannot be read: {error}", service.name))?;
        live["alarms"] = alarms(&snapshot, &service, &watched);
        live["activities"] = activities(&snapshot, &service);
        Ok(live)
    });
    let services = services.collect::<Result<Vec<Value>, String>>()?;
    Ok(json!({ "at": now.iso8601(), "rate": cloud.clock.rate(), "services": services }))
}

/// How metrics call a service and its target groups.
struct Watched {
    /// `targetgroup/NAME/ID` of each.
    target_groups: Vec<String>,
}

impl Watched {
    fn of(service: &Service) -> Self {
        let deployments = service.deployments.iter();
        let groups = deployments
            .flat_map(|deployment| service.load_balancers_of(deployment))
            .filter_map(|balancer| balancer.target_group_arn.as_deref())
            .filter_map(|arn| arn.rsplit_once(':'))
            .map(|(_, name)| name.to_owned());
        let mut target_groups: Vec<_> = groups.collect();
        target_groups.sort_unstable();
        target_groups.dedup();
        Watched { target_groups }
    }
}

/// Between which bounds the service is scaled, where it is.
fn capacity(snapshot: &Snapshot, service: &Service) -> Value {
    let key = ScalableTarget::key_of(&service.region, DIMENSION, &resource_id(service));
    match snapshot.get::<ScalableTarget>(&key) {
        Some(target) => {
            json!({ "min": target.shown.min_capacity, "max": target.shown.max_capacity })
        }
        None => Value::Null,
    }
}

/// What is drawn of a metric.
struct Chart {
    label: &'static str,
    unit: &'static str,
    metric: Metric,
    statistic: &'static str,
    /// What target tracking keeps it at.
    target: Option<f64>,
}

fn charts(
    snapshot: &Snapshot,
    series: &Series,
    service: &Service,
    watched: &Watched,
    now: Timestamp,
) -> Result<Value, SeriesError> {
    let own = [("ClusterName", &service.cluster), ("ServiceName", &service.name)];
    let utilization = |label, name, predefined| Chart {
        label,
        unit: "%",
        metric: Metric::new(&service.region, "AWS/ECS", name, own),
        statistic: "Average",
        target: tracked(snapshot, service, predefined),
    };
    let mut charts = vec![
        utilization("CPU", "CPUUtilization", "ECSServiceAverageCPUUtilization"),
        utilization("memory", "MemoryUtilization", "ECSServiceAverageMemoryUtilization"),
    ];
    let running = Metric::new(&service.region, "ECS/ContainerInsights", "RunningTaskCount", own);
    charts.push(Chart {
        label: "tasks",
        unit: "",
        metric: running,
        statistic: "Average",
        target: None,
    });
    for group in &watched.target_groups {
        let chart =
            |label, unit, metric, statistic| Chart { label, unit, metric, statistic, target: None };
        let of_group = |name| {
            let metric =
                Metric::new(&service.region, "AWS/ApplicationELB", name, [("TargetGroup", group)]);
            with_balancer(series, metric)
        };
        charts.extend([
            chart("requests", "/min", of_group("RequestCount"), "Sum"),
            chart("p95", "s", of_group("TargetResponseTime"), "p95"),
            chart("answers 5xx", "/min", of_group("HTTPCode_Target_5XX_Count"), "Sum"),
        ]);
    }
    let drawn = charts.iter().map(|chart| {
        let values = values(series, chart, now)?;
        let Chart { label, unit, target, .. } = chart;
        Ok(json!({ "label": label, "unit": unit, "target": target, "values": values }))
    });
    drawn.collect::<Result<Vec<_>, _>>().map(Value::from)
}

/// The metric of a target group that also names the load balancer, which AWS's dimensions do.
fn with_balancer(series: &Series, metric: Metric) -> Metric {
    let group = metric.dimension("TargetGroup").unwrap_or_default();
    let names = ["LoadBalancer", "TargetGroup"];
    let found = series.find(|listed| {
        let own = &listed.metric;
        (own.region == metric.region)
            && (own.namespace == metric.namespace)
            && (own.name == metric.name)
            && own.dimension("TargetGroup") == Some(group)
            && own.dimensions().iter().map(|(name, _)| name.as_str()).eq(names)
    });
    found.into_iter().next().map_or(metric, |listed| listed.metric)
}

/// A value for each of the last minutes, the oldest first; null where there is none.
fn values(series: &Series, chart: &Chart, now: Timestamp) -> Result<Vec<Option<f64>>, SeriesError> {
    let to = now.secs().div_euclid(60) * 60;
    let from = to - MINUTES * 60;
    let query = Query {
        metric: &chart.metric,
        unit: None,
        period: 60,
        from: Timestamp::from_secs(from),
        to: Timestamp::from_secs(to),
        now,
    };
    let statistic = Statistic::named(chart.statistic);
    let mut values = vec![None; MINUTES as usize];
    for (at, set) in series.query(&query)? {
        let minute = usize::try_from((at.secs() - from).div_euclid(60)).ok();
        if let Some(slot) = minute.and_then(|minute| values.get_mut(minute)) {
            *slot = statistic.as_ref().and_then(|statistic| statistic.of(&set));
        }
    }
    Ok(values)
}

/// The value at which a policy keeps the metric.
fn tracked(snapshot: &Snapshot, service: &Service, predefined: &str) -> Option<f64> {
    let prefix = of_target(&service.region, DIMENSION, &resource_id(service));
    snapshot.scan::<ScalingPolicy>(&prefix).find_map(|policy| {
        let tracking = policy.shown.target_tracking_scaling_policy_configuration.as_ref()?;
        let metric = tracking.predefined_metric_specification.as_ref()?;
        (metric.predefined_metric_type == predefined).then_some(tracking.target_value)
    })
}

/// The alarms that watch the service or its target groups, and those made of them.
fn alarms(snapshot: &Snapshot, service: &Service, watched: &Watched) -> Value {
    let of_region = || snapshot.all::<Alarm>().filter(|alarm| alarm.region == service.region);
    let is_own = |alarm: &Arc<Alarm>| match &alarm.definition {
        AlarmDefinition::Metric(metric) => watches(metric, service, watched),
        AlarmDefinition::Composite(_) => false,
    };
    let own: Vec<_> = of_region().filter(is_own).collect();
    let is_made_of_own = |alarm: &Arc<Alarm>| match &alarm.definition {
        AlarmDefinition::Metric(_) => false,
        AlarmDefinition::Composite(composite) => {
            let rule = composite.alarm_rule.as_deref().unwrap_or_default();
            own.iter().any(|alarm| rule.contains(&alarm.name))
        }
    };
    let composite = of_region().filter(is_made_of_own);
    let told = own.iter().cloned().chain(composite).map(|alarm| {
        json!({
            "name": alarm.name,
            "state": alarm.state.name(),
            "reason": alarm.state_reason,
            "since": alarm.state_transitioned_at.iso8601(),
        })
    });
    told.collect::<Vec<_>>().into()
}

fn watches(alarm: &MetricAlarm, service: &Service, watched: &Watched) -> bool {
    let metrics = alarm.metrics.iter().flatten();
    let others = metrics.filter_map(|query| Some(&query.metric_stat.as_ref()?.metric));
    let mut dimensions =
        others.map(|metric| metric.dimensions.as_ref()).chain([alarm.dimensions.as_ref()]);
    dimensions.any(|dimensions| {
        let has = |name: &str, value: &str| {
            dimensions.into_iter().flatten().any(|own| own.name == name && own.value == value)
        };
        let is_service = has("ServiceName", &service.name) && has("ClusterName", &service.cluster);
        is_service || watched.target_groups.iter().any(|group| has("TargetGroup", group))
    })
}

fn activities(snapshot: &Snapshot, service: &Service) -> Value {
    let prefix = of_target(&service.region, DIMENSION, &resource_id(service));
    let scaled = |activity: &Arc<ScalingActivity>| activity.shown.not_scaled_reasons.is_none();
    let all = snapshot.scan::<ScalingActivity>(&prefix).filter(scaled).take(ACTIVITIES);
    let told = all.map(|activity| {
        json!({
            "at": activity.started_at.iso8601(),
            "description": activity.shown.description,
            "cause": activity.shown.cause,
            "status": activity.shown.status_code,
        })
    });
    told.collect::<Vec<_>>().into()
}

fn resource_id(service: &Service) -> String {
    format!("service/{}/{}", service.cluster, service.name)
}
