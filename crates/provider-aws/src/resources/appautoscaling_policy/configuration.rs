//! How a policy scales. Bounds of steps are texts, so that none is not zero.

use neargate_api_types::application_autoscaling as scaling;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;

fn decimal(block: &Attributes, name: &str) -> Option<f64> {
    let value = block.get(name);
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Steps, as the block describes them.
pub fn step(planned: &Attributes) -> Option<scaling::StepScalingPolicyConfiguration> {
    let block = planned.block("step_scaling_policy_configuration")?;
    let adjustment = |block: Attributes| scaling::StepAdjustment {
        metric_interval_lower_bound: decimal(&block, "metric_interval_lower_bound"),
        metric_interval_upper_bound: decimal(&block, "metric_interval_upper_bound"),
        scaling_adjustment: block.number("scaling_adjustment").unwrap_or_default(),
    };
    let adjustments = block.blocks("step_adjustment").into_iter().map(adjustment).collect();
    Some(scaling::StepScalingPolicyConfiguration {
        adjustment_type: block.string("adjustment_type"),
        cooldown: block.number("cooldown"),
        metric_aggregation_type: block.string("metric_aggregation_type"),
        min_adjustment_magnitude: block.number("min_adjustment_magnitude").filter(|n| *n > 0),
        step_adjustments: Some(adjustments),
    })
}

pub fn step_blocks(step: Option<scaling::StepScalingPolicyConfiguration>) -> Vec<Json> {
    let block = |step: scaling::StepScalingPolicyConfiguration| {
        let bound = |bound: Option<f64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        let adjustments = step.step_adjustments.unwrap_or_default().into_iter().map(|adjustment| {
            json!({
                "metric_interval_lower_bound": bound(adjustment.metric_interval_lower_bound),
                "metric_interval_upper_bound": bound(adjustment.metric_interval_upper_bound),
                "scaling_adjustment": adjustment.scaling_adjustment,
            })
        });
        json!({
            "adjustment_type": step.adjustment_type.unwrap_or_default(),
            "cooldown": step.cooldown.unwrap_or(0),
            "metric_aggregation_type": step.metric_aggregation_type.unwrap_or_default(),
            "min_adjustment_magnitude": step.min_adjustment_magnitude.unwrap_or(0),
            "step_adjustment": adjustments.collect::<Vec<Json>>(),
        })
    };
    step.into_iter().map(block).collect()
}

/// A target, as the block describes it.
pub fn tracking(planned: &Attributes) -> Option<scaling::TargetTrackingScalingPolicyConfiguration> {
    let block = planned.block("target_tracking_scaling_policy_configuration")?;
    let predefined = block.block("predefined_metric_specification");
    Some(scaling::TargetTrackingScalingPolicyConfiguration {
        customized_metric_specification: block
            .block("customized_metric_specification")
            .map(|block| customized(&block)),
        disable_scale_in: block.bool("disable_scale_in"),
        predefined_metric_specification: predefined.map(|block| {
            scaling::PredefinedMetricSpecification {
                predefined_metric_type: block.required("predefined_metric_type"),
                resource_label: block.string("resource_label"),
            }
        }),
        scale_in_cooldown: block.number("scale_in_cooldown"),
        scale_out_cooldown: block.number("scale_out_cooldown"),
        target_value: decimal(&block, "target_value").unwrap_or_default(),
    })
}

fn customized(block: &Attributes) -> scaling::CustomizedMetricSpecification {
    let dimension = |block: Attributes| scaling::MetricDimension {
        name: block.required("name"),
        value: block.required("value"),
    };
    let dimensions: Vec<_> = block.blocks("dimensions").into_iter().map(dimension).collect();
    let metrics: Vec<_> = block.blocks("metrics").iter().map(query).collect();
    scaling::CustomizedMetricSpecification {
        dimensions: Some(dimensions).filter(|all| !all.is_empty()),
        metric_name: block.string("metric_name"),
        metrics: Some(metrics).filter(|all| !all.is_empty()),
        namespace: block.string("namespace"),
        statistic: block.string("statistic"),
        unit: block.string("unit"),
    }
}

fn query(block: &Attributes) -> scaling::TargetTrackingMetricDataQuery {
    let dimension = |block: Attributes| scaling::TargetTrackingMetricDimension {
        name: block.required("name"),
        value: block.required("value"),
    };
    let stat = block.block("metric_stat").map(|stat| {
        let metric = stat.block("metric").unwrap_or_default();
        let dimensions: Vec<_> = metric.blocks("dimensions").into_iter().map(dimension).collect();
        scaling::TargetTrackingMetricStat {
            metric: scaling::TargetTrackingMetric {
                dimensions: Some(dimensions).filter(|all| !all.is_empty()),
                metric_name: metric.string("metric_name"),
                namespace: metric.string("namespace"),
            },
            stat: stat.required("stat"),
            unit: stat.string("unit"),
        }
    });
    scaling::TargetTrackingMetricDataQuery {
        expression: block.string("expression"),
        id: block.required("id"),
        label: block.string("label"),
        metric_stat: stat,
        return_data: block.bool("return_data").or(Some(true)),
    }
}

pub fn tracking_blocks(
    tracking: Option<scaling::TargetTrackingScalingPolicyConfiguration>,
) -> Vec<Json> {
    let block = |tracking: scaling::TargetTrackingScalingPolicyConfiguration| {
        let customized = tracking.customized_metric_specification.into_iter().map(customized_block);
        let predefined = tracking.predefined_metric_specification.into_iter().map(|of| {
            json!({
                "predefined_metric_type": of.predefined_metric_type,
                "resource_label": of.resource_label.unwrap_or_default(),
            })
        });
        json!({
            "customized_metric_specification": customized.collect::<Vec<Json>>(),
            "disable_scale_in": tracking.disable_scale_in.unwrap_or(false),
            "predefined_metric_specification": predefined.collect::<Vec<Json>>(),
            "scale_in_cooldown": tracking.scale_in_cooldown.unwrap_or(0),
            "scale_out_cooldown": tracking.scale_out_cooldown.unwrap_or(0),
            "target_value": tracking.target_value,
        })
    };
    tracking.into_iter().map(block).collect()
}

fn customized_block(of: scaling::CustomizedMetricSpecification) -> Json {
    let dimensions = of.dimensions.unwrap_or_default().into_iter();
    let dimensions = dimensions.map(|one| json!({ "name": one.name, "value": one.value }));
    let metrics = of.metrics.unwrap_or_default().into_iter().map(|query| {
        let stat = query.metric_stat.into_iter().map(|stat| {
            let dimensions = stat.metric.dimensions.unwrap_or_default().into_iter();
            let dimensions = dimensions.map(|one| json!({ "name": one.name, "value": one.value }));
            json!({
                "metric": [{
                    "dimensions": dimensions.collect::<Vec<Json>>(),
                    "metric_name": stat.metric.metric_name,
                    "namespace": stat.metric.namespace,
                }],
                "stat": stat.stat,
                "unit": stat.unit.unwrap_or_default(),
            })
        });
        json!({
            "expression": query.expression.unwrap_or_default(),
            "id": query.id,
            "label": query.label.unwrap_or_default(),
            "metric_stat": stat.collect::<Vec<Json>>(),
            "return_data": query.return_data.unwrap_or(true),
        })
    });
    json!({
        "dimensions": dimensions.collect::<Vec<Json>>(),
        "metric_name": of.metric_name.unwrap_or_default(),
        "metrics": metrics.collect::<Vec<Json>>(),
        "namespace": of.namespace.unwrap_or_default(),
        "statistic": of.statistic.unwrap_or_default(),
        "unit": of.unit.unwrap_or_default(),
    })
}
