//! Policies of predictive scaling: what they must be, and which metric is their load.
//!
//! Source: "Predictive scaling" in the guide of Application Auto Scaling.

use neargate_api::types::application_autoscaling::{
    PredictiveScalingMetricSpecification, PredictiveScalingPolicyConfiguration, error,
};
use neargate_api::{AwsError, Snapshot};

use super::metric::{check_label, cluster_and_service, parts_of};

/// A metric whose sum over a minute is the load: divided by the target it is a capacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    pub namespace: &'static str,
    pub name: &'static str,
    pub dimensions: Vec<(&'static str, String)>,
}

/// What a specification forecasts, and what a predefined type is by: a label, where it has one.
fn kind(specification: &PredictiveScalingMetricSpecification) -> Option<(&str, Option<&str>)> {
    let pair = specification.predefined_metric_pair_specification.as_ref();
    let load = specification.predefined_load_metric_specification.as_ref();
    let of_pair =
        pair.map(|pair| (pair.predefined_metric_type.as_str(), pair.resource_label.as_deref()));
    of_pair.or_else(|| {
        load.map(|load| (load.predefined_metric_type.as_str(), load.resource_label.as_deref()))
    })
}

/// The load that a policy forecasts; `None` for one that was not checked.
pub fn load_of(
    specification: &PredictiveScalingMetricSpecification,
    resource_id: &str,
) -> Option<Load> {
    let of_service = |name| {
        let (cluster, service) = cluster_and_service(resource_id);
        let dimensions =
            vec![("ClusterName", cluster.to_owned()), ("ServiceName", service.to_owned())];
        Load { namespace: "AWS/ECS", name, dimensions }
    };
    Some(match kind(specification)? {
        ("ECSServiceCPUUtilization" | "ECSServiceTotalCPUUtilization", _) => {
            of_service("CPUUtilization")
        }
        ("ECSServiceMemoryUtilization" | "ECSServiceTotalMemoryUtilization", _) => {
            of_service("MemoryUtilization")
        }
        ("ALBRequestCount" | "ALBTargetGroupRequestCount", label) => {
            let (balancer, group) = parts_of(label?)?;
            let dimensions =
                vec![("LoadBalancer", balancer.to_owned()), ("TargetGroup", group.to_owned())];
            Load { namespace: "AWS/ApplicationELB", name: "RequestCount", dimensions }
        }
        _ => return None,
    })
}

pub fn check(
    snapshot: &Snapshot,
    service: &str,
    policy: &PredictiveScalingPolicyConfiguration,
) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::validation_exception(message));
    let [specification] = &policy.metric_specifications[..] else {
        return refuse("Exactly one metric specification must be specified.");
    };
    if policy.scheduling_buffer_time.is_some_and(|secs| !(0..3600).contains(&secs)) {
        return refuse("SchedulingBufferTime must be from 0 to 3599 seconds.");
    }
    let increases = policy.max_capacity_breach_behavior.as_deref() == Some("IncreaseMaxCapacity");
    match policy.max_capacity_buffer {
        Some(_) if !increases => {
            return refuse(
                "MaxCapacityBuffer can only be specified with MaxCapacityBreachBehavior IncreaseMaxCapacity.",
            );
        }
        None if increases => {
            return refuse(
                "MaxCapacityBuffer is required with MaxCapacityBreachBehavior IncreaseMaxCapacity.",
            );
        }
        Some(percent) if !(0..=100).contains(&percent) => {
            return refuse("MaxCapacityBuffer must be from 0 to 100 percent.");
        }
        _ => {}
    }
    check_specification(snapshot, service, specification)
}

fn check_specification(
    snapshot: &Snapshot,
    service: &str,
    specification: &PredictiveScalingMetricSpecification,
) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::validation_exception(message));
    if !specification.target_value.is_finite() || specification.target_value <= 0.0 {
        return refuse("TargetValue must be a number above 0.".into());
    }
    let customized = [
        &specification.customized_capacity_metric_specification,
        &specification.customized_load_metric_specification,
        &specification.customized_scaling_metric_specification,
    ];
    if customized.iter().any(|given| given.is_some()) {
        return refuse("Neargate forecasts predefined metrics only, no customized ones.".into());
    }
    let pair = specification.predefined_metric_pair_specification.is_some();
    let load = specification.predefined_load_metric_specification.is_some();
    let scaling = specification.predefined_scaling_metric_specification.as_ref();
    if pair == load || load != scaling.is_some() {
        return refuse(
            "Either a PredefinedMetricPairSpecification, or a PredefinedLoadMetricSpecification and a \
             PredefinedScalingMetricSpecification must be specified."
                .into(),
        );
    }
    let by = scaling.map(|scaling| scaling.predefined_metric_type.as_str());
    match kind(specification) {
        Some(("ECSServiceCPUUtilization" | "ECSServiceMemoryUtilization", None)) => Ok(()),
        Some(("ECSServiceTotalCPUUtilization", None))
            if by == Some("ECSServiceAverageCPUUtilization") =>
        {
            Ok(())
        }
        Some(("ECSServiceTotalMemoryUtilization", None))
            if by == Some("ECSServiceAverageMemoryUtilization") =>
        {
            Ok(())
        }
        Some(("ALBRequestCount", Some(label))) => check_label(snapshot, service, label),
        Some(("ALBTargetGroupRequestCount", Some(label)))
            if by == Some("ALBRequestCountPerTarget") =>
        {
            check_label(snapshot, service, label)
        }
        Some((kind, label)) => refuse(format!(
            "Predefined metric type {kind} with the resource label {} and the scaling metric {} is not supported for \
             ecs:service:DesiredCount.",
            label.unwrap_or("none"),
            by.unwrap_or("of a pair"),
        )),
        None => refuse("A predefined metric type must be specified.".into()),
    }
}
