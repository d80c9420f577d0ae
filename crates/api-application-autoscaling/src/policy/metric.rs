//! The metric of a target-tracking policy: which one a predefined type stands for, and what of
//! a specification cannot be.
//!
//! Source: "Predefined metrics for target tracking scaling policies" in the guide of
//! Application Auto Scaling.

use neargate_api::model::ecs::Service;
use neargate_api::model::elbv2::{LoadBalancer, TargetGroup};
use neargate_api::types::application_autoscaling::{
    CustomizedMetricSpecification, PredefinedMetricSpecification, TargetTrackingMetricDataQuery,
    TargetTrackingScalingPolicyConfiguration, error,
};
use neargate_api::types::cloudwatch::{
    Dimension, Metric, MetricDataQuery, MetricStat, PutMetricAlarmInput,
};
use neargate_api::{AwsError, Snapshot};

/// AWS evaluates the alarms of target tracking by the minute, and those of high-resolution metrics
/// by the third of one.
const PERIOD_S: i32 = 60;
const FINE_S: i32 = 20;
const HIGH_RESOLUTION: &str = "HighResolution";

/// The part of an alarm that says what it watches.
pub fn watched(
    tracking: &TargetTrackingScalingPolicyConfiguration,
    resource_id: &str,
) -> PutMetricAlarmInput {
    if let Some(metric) = &tracking.customized_metric_specification {
        return customized(metric);
    }
    let predefined = tracking.predefined_metric_specification.clone().unwrap_or_default();
    let of_service = |name: &str| {
        let (cluster, service) = cluster_and_service(resource_id);
        let dimensions = [("ClusterName", cluster), ("ServiceName", service)];
        one("AWS/ECS", name, "Average", &dimensions)
    };
    let kind = predefined.predefined_metric_type.as_str();
    let (kind, is_fine) = match kind.strip_suffix(HIGH_RESOLUTION) {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    let watched = match kind {
        "ECSServiceAverageMemoryUtilization" => of_service("MemoryUtilization"),
        "ALBRequestCountPerTarget" => {
            let label = predefined.resource_label.unwrap_or_default();
            let (balancer, group) = parts_of(&label).unwrap_or_default();
            let dimensions = [("LoadBalancer", balancer), ("TargetGroup", group)];
            one("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", &dimensions)
        }
        // The specification has been checked: there is no other.
        _ => of_service("CPUUtilization"),
    };
    PutMetricAlarmInput { period: Some(if is_fine { FINE_S } else { PERIOD_S }), ..watched }
}

fn one(
    namespace: &str,
    name: &str,
    statistic: &str,
    dimensions: &[(&str, &str)],
) -> PutMetricAlarmInput {
    let dimension =
        |(name, value): &(&str, &str)| Dimension { name: (*name).into(), value: (*value).into() };
    PutMetricAlarmInput {
        namespace: Some(namespace.into()),
        metric_name: Some(name.into()),
        statistic: Some(statistic.into()),
        dimensions: Some(dimensions.iter().map(dimension).collect()),
        ..Default::default()
    }
}

fn customized(metric: &CustomizedMetricSpecification) -> PutMetricAlarmInput {
    if let Some(queries) = &metric.metrics {
        let metrics = Some(queries.iter().map(query).collect());
        return PutMetricAlarmInput { metrics, ..Default::default() };
    }
    let dimensions = metric.dimensions.iter().flatten();
    let dimensions = dimensions.map(|d| Dimension { name: d.name.clone(), value: d.value.clone() });
    PutMetricAlarmInput {
        namespace: metric.namespace.clone(),
        metric_name: metric.metric_name.clone(),
        statistic: metric.statistic.clone(),
        unit: metric.unit.clone(),
        dimensions: Some(dimensions.collect()),
        period: Some(PERIOD_S),
        ..Default::default()
    }
}

/// A query of metric math, as alarms have it.
fn query(query: &TargetTrackingMetricDataQuery) -> MetricDataQuery {
    let stat = query.metric_stat.as_ref().map(|stat| {
        let dimensions = stat.metric.dimensions.iter().flatten();
        let dimensions =
            dimensions.map(|d| Dimension { name: d.name.clone(), value: d.value.clone() });
        MetricStat {
            metric: Metric {
                namespace: stat.metric.namespace.clone(),
                metric_name: stat.metric.metric_name.clone(),
                dimensions: Some(dimensions.collect()),
            },
            period: PERIOD_S,
            stat: stat.stat.clone(),
            unit: stat.unit.clone(),
        }
    });
    MetricDataQuery {
        id: query.id.clone(),
        expression: query.expression.clone(),
        label: query.label.clone(),
        metric_stat: stat,
        return_data: query.return_data,
        ..Default::default()
    }
}

/// `service/CLUSTER/SERVICE`
pub(super) fn cluster_and_service(resource_id: &str) -> (&str, &str) {
    let rest = resource_id.strip_prefix("service/").unwrap_or(resource_id);
    rest.split_once('/').unwrap_or_default()
}

/// The load balancer and the target group of `app/NAME/ID/targetgroup/NAME/ID`.
pub(super) fn parts_of(label: &str) -> Option<(&str, &str)> {
    let at = label.find("/targetgroup/")?;
    let (balancer, group) = (&label[..at], &label[at + 1..]);
    let has_three = |part: &str| part.split('/').filter(|name| !name.is_empty()).count() == 3;
    (balancer.starts_with("app/") && has_three(balancer) && has_three(group))
        .then_some((balancer, group))
}

/// Refuses what names no metric that a service of ECS is scaled by.
pub fn check(
    snapshot: &Snapshot,
    service: &str,
    tracking: &TargetTrackingScalingPolicyConfiguration,
) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::validation_exception(message));
    let predefined = tracking.predefined_metric_specification.as_ref();
    match (predefined, &tracking.customized_metric_specification) {
        (Some(metric), None) => check_predefined(snapshot, service, metric),
        (None, Some(metric)) => check_customized(metric),
        _ => refuse(
            "Either a PredefinedMetricSpecification or a CustomizedMetricSpecification must be specified, and not both.",
        ),
    }
}

fn check_customized(metric: &CustomizedMetricSpecification) -> Result<(), AwsError> {
    let given = [&metric.metric_name, &metric.namespace, &metric.statistic];
    if metric.metrics.is_some() {
        // What the list comes to is checked with the alarms that are made of it.
        return match given.iter().any(|given| given.is_some()) {
            false => Ok(()),
            true => Err(error::validation_exception(
                "A CustomizedMetricSpecification has either Metrics, or MetricName, Namespace and Statistic.",
            )),
        };
    }
    if given.iter().any(|given| given.as_ref().is_none_or(String::is_empty)) {
        return Err(error::validation_exception(
            "A CustomizedMetricSpecification must have MetricName, Namespace and Statistic.",
        ));
    }
    Ok(())
}

fn check_predefined(
    snapshot: &Snapshot,
    service: &str,
    metric: &PredefinedMetricSpecification,
) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::validation_exception(message));
    let label = metric.resource_label.as_deref();
    match (metric.predefined_metric_type.as_str(), label) {
        ("ECSServiceAverageCPUUtilization" | "ECSServiceAverageMemoryUtilization", None) => Ok(()),
        ("ECSServiceAverageCPUUtilizationHighResolution", None) => {
            check_monitored(snapshot, service, "CPUUtilization")
        }
        ("ECSServiceAverageMemoryUtilizationHighResolution", None) => {
            check_monitored(snapshot, service, "MemoryUtilization")
        }
        (kind, Some(_)) if kind.starts_with("ECSServiceAverage") => {
            refuse("ResourceLabel can only be specified for ALBRequestCountPerTarget.".into())
        }
        ("ALBRequestCountPerTarget", None) => {
            refuse("ResourceLabel is required for ALBRequestCountPerTarget: app/NAME/ID/targetgroup/NAME/ID.".into())
        }
        ("ALBRequestCountPerTarget", Some(label)) => check_label(snapshot, service, label),
        (other, _) => refuse(format!(
            "Predefined metric type {other} is not supported for ecs:service:DesiredCount."
        )),
    }
}

/// The service tells the metric every 20 seconds.
fn check_monitored(snapshot: &Snapshot, service: &str, name: &str) -> Result<(), AwsError> {
    let service = snapshot.get::<Service>(service);
    let monitoring = service.as_ref().and_then(|service| service.monitoring.as_ref());
    let configurations = monitoring.and_then(|told| told.metric_configurations.as_ref());
    let is_fine = configurations.into_iter().flatten().any(|told| {
        told.resolution_seconds == FINE_S && told.metric_names.iter().any(|own| own == name)
    });
    match is_fine {
        true => Ok(()),
        false => Err(error::validation_exception(format!(
            "The service has no high-resolution {name}: set its monitoring to a resolution of {FINE_S} seconds first."
        ))),
    }
}

/// The label names a load balancer and a target group that there are, and the service's.
pub(super) fn check_label(snapshot: &Snapshot, service: &str, label: &str) -> Result<(), AwsError> {
    let refuse = |why: &str| {
        let message = format!("The resource label {label} is not valid: {why}.");
        Err(error::validation_exception(message))
    };
    let Some((balancer, group)) = parts_of(label) else {
        return refuse("it has to be app/NAME/ID/targetgroup/NAME/ID");
    };
    if !snapshot
        .all::<LoadBalancer>()
        .any(|b| b.arn.ends_with(&format!(":loadbalancer/{balancer}")))
    {
        return refuse("there is no such load balancer");
    }
    let found = snapshot.all::<TargetGroup>().find(|g| g.arn.ends_with(&format!(":{group}")));
    let Some(found) = found else { return refuse("there is no such target group") };
    let service = snapshot.get::<Service>(service);
    let used = service.iter().flat_map(|service| {
        let balancers = service.deployments.iter().flat_map(|d| service.load_balancers_of(d));
        balancers.filter_map(|balancer| balancer.target_group_arn.clone())
    });
    match used.into_iter().any(|arn| arn == found.arn) {
        true => Ok(()),
        false => refuse("the target group is not the service's"),
    }
}
