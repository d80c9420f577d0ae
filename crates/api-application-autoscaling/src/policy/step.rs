//! What the steps of a step scaling policy must be: without gaps, without overlaps, and open only
//! at their ends.
//!
//! Source: "Step scaling policies" in the guide of Application Auto Scaling.

use neargate_api::AwsError;
use neargate_api::types::application_autoscaling::{
    StepAdjustment, StepScalingPolicyConfiguration, error,
};

/// AWS's quota of steps in a policy.
const MOST_STEPS: usize = 20;

pub fn check(policy: &StepScalingPolicyConfiguration) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::validation_exception(message));
    let Some(adjustment) = policy.adjustment_type.as_deref() else {
        return refuse(
            "AdjustmentType must be specified in StepScalingPolicyConfiguration: ChangeInCapacity, ExactCapacity or \
             PercentChangeInCapacity.",
        );
    };
    let steps = policy.step_adjustments.as_deref().unwrap_or_default();
    if steps.is_empty() {
        return refuse("At least one StepAdjustment must be specified.");
    }
    if steps.len() > MOST_STEPS {
        return Err(error::limit_exceeded_exception(format!(
            "A step scaling policy has at most {MOST_STEPS} step adjustments."
        )));
    }
    if policy.min_adjustment_magnitude.is_some() && adjustment != "PercentChangeInCapacity" {
        return refuse("MinAdjustmentMagnitude can only be specified for PercentChangeInCapacity.");
    }
    if adjustment == "ExactCapacity" && steps.iter().any(|step| step.scaling_adjustment < 0) {
        return refuse("ScalingAdjustment must be 0 or more for ExactCapacity.");
    }
    if policy.cooldown.is_some_and(|seconds| seconds < 0) {
        return refuse("Cooldown must be 0 seconds or more.");
    }
    check_intervals(steps)
}

fn check_intervals(steps: &[StepAdjustment]) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::validation_exception(message));
    let lower = |step: &StepAdjustment| step.metric_interval_lower_bound;
    let upper = |step: &StepAdjustment| step.metric_interval_upper_bound;
    let mut ordered: Vec<&StepAdjustment> = steps.iter().collect();
    ordered.sort_by(|a, b| {
        let from = |step: &StepAdjustment| lower(step).unwrap_or(f64::NEG_INFINITY);
        from(a).total_cmp(&from(b))
    });
    for step in &ordered {
        match (lower(step), upper(step)) {
            (None, None) => {
                return refuse(
                    "At least one of MetricIntervalLowerBound and MetricIntervalUpperBound must be specified.",
                );
            }
            (Some(from), Some(to)) if from >= to => {
                return refuse(
                    "MetricIntervalUpperBound must be greater than MetricIntervalLowerBound.",
                );
            }
            _ => {}
        }
    }
    for pair in ordered.windows(2) {
        let (end, next) = (upper(pair[0]), lower(pair[1]));
        match end.zip(next) {
            Some((end, next)) if end == next => {}
            Some((end, next)) if end < next => {
                return refuse("There must not be a gap between the intervals of StepAdjustments.");
            }
            _ => return refuse("The intervals of StepAdjustments must not overlap."),
        }
    }
    let (first, last) = (ordered.first().copied(), ordered.last().copied());
    if first.and_then(lower).is_some_and(|from| from < 0.0) {
        return refuse(
            "A StepAdjustment with a negative lower bound needs one whose lower bound is unspecified.",
        );
    }
    if last.and_then(upper).is_some_and(|to| to > 0.0) {
        return refuse(
            "A StepAdjustment with a positive upper bound needs one whose upper bound is unspecified.",
        );
    }
    Ok(())
}
