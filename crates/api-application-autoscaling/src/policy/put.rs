//! PutScalingPolicy: a policy of a registered target, new or in place of the one of this name.

use neargate_api::model::application_autoscaling::{ScalingForecast, ScalingPolicy, of_target};
use neargate_api::types::application_autoscaling::{
    self as wire, PutScalingPolicyRequest, PutScalingPolicyResponse, error,
};
use neargate_api::{AwsError, Ctx, Snapshot, Stored};

use crate::policy::{alarms, metric, predictive, step};
use crate::target::Reference;

pub async fn call(
    ctx: Ctx,
    input: PutScalingPolicyRequest,
) -> Result<PutScalingPolicyResponse, AwsError> {
    let reference =
        Reference::new(&input.service_namespace, &input.scalable_dimension, &input.resource_id);
    let inner = ctx.clone();
    ctx.write(move |tx| {
        let ctx = inner;
        reference.registered(tx.view(), &ctx.region)?;
        let key = ScalingPolicy::key_of(
            &ctx.region,
            &reference.dimension,
            &reference.resource_id,
            &input.policy_name,
        );
        let before = tx.get::<ScalingPolicy>(&key).map(|policy| policy.shown.0.clone());
        let mut policy = made(&ctx, input, before)?;
        let service = reference.service_key(&ctx.region)?;
        check_configuration(tx.view(), &service, &policy)?;
        check_alone(tx.view(), &ctx.region, &policy)?;
        // What was forecast of another configuration says nothing of this one.
        tx.delete::<ScalingForecast>(&key);
        alarms::manage(tx, &ctx, &mut policy)?;
        let answer = PutScalingPolicyResponse {
            alarms: policy.alarms.clone(),
            policy_arn: policy.policy_arn.clone(),
        };
        tx.put(ScalingPolicy { region: ctx.region.clone(), shown: Stored(policy) });
        Ok(answer)
    })
    .await
}

/// The policy as it will be shown. What an update does not give stays.
fn made(
    ctx: &Ctx,
    input: PutScalingPolicyRequest,
    before: Option<wire::ScalingPolicy>,
) -> Result<wire::ScalingPolicy, AwsError> {
    let is_new = before.is_none();
    let mut policy = before.unwrap_or_else(|| named(ctx, &input));
    match input.policy_type {
        Some(given) if !is_new && given != policy.policy_type => {
            return Err(error::validation_exception(format!(
                "The policy type of {} is {} and cannot be changed: delete the policy first.",
                policy.policy_name, policy.policy_type
            )));
        }
        _ => {}
    }
    if let Some(given) = input.step_scaling_policy_configuration {
        policy.step_scaling_policy_configuration = Some(given);
    }
    if let Some(given) = input.target_tracking_scaling_policy_configuration {
        policy.target_tracking_scaling_policy_configuration = Some(given);
    }
    if let Some(given) = input.predictive_scaling_policy_configuration {
        policy.predictive_scaling_policy_configuration = Some(given);
    }
    Ok(policy)
}

fn named(ctx: &Ctx, input: &PutScalingPolicyRequest) -> wire::ScalingPolicy {
    let resource = format!(
        "scalingPolicy:{}:resource/{}/{}:policyName/{}",
        ctx.rng().uuid(),
        input.service_namespace,
        input.resource_id,
        input.policy_name
    );
    wire::ScalingPolicy {
        creation_time: ctx.now,
        policy_arn: ctx.arn("autoscaling", resource),
        policy_name: input.policy_name.clone(),
        policy_type: input.policy_type.clone().unwrap_or_else(|| "StepScaling".into()),
        resource_id: input.resource_id.clone(),
        scalable_dimension: input.scalable_dimension.clone(),
        service_namespace: input.service_namespace.clone(),
        ..Default::default()
    }
}

/// A policy has the configuration of its type, and no other.
fn check_configuration(
    snapshot: &Snapshot,
    service: &str,
    policy: &wire::ScalingPolicy,
) -> Result<(), AwsError> {
    let refuse = |message: String| Err(error::validation_exception(message));
    let step = policy.step_scaling_policy_configuration.as_ref();
    let tracking = policy.target_tracking_scaling_policy_configuration.as_ref();
    let predictive = policy.predictive_scaling_policy_configuration.as_ref();
    match (policy.policy_type.as_str(), step, tracking, predictive) {
        ("StepScaling", Some(step), None, None) => step::check(step),
        ("TargetTrackingScaling", None, Some(tracking), None) => {
            check_tracking(tracking)?;
            metric::check(snapshot, service, tracking)
        }
        ("PredictiveScaling", None, None, Some(configuration)) => {
            predictive::check(snapshot, service, configuration)
        }
        (kind, ..) => refuse(format!(
            "A policy of type {kind} must have exactly the configuration of this type: {kind}PolicyConfiguration."
        )),
    }
}

fn check_tracking(
    tracking: &wire::TargetTrackingScalingPolicyConfiguration,
) -> Result<(), AwsError> {
    let refuse = |message: &str| Err(error::validation_exception(message));
    if !tracking.target_value.is_finite() || tracking.target_value <= 0.0 {
        return refuse("TargetValue must be a number above 0.");
    }
    let cooldowns = [tracking.scale_in_cooldown, tracking.scale_out_cooldown];
    if cooldowns.into_iter().flatten().any(|seconds| seconds < 0) {
        return refuse("Cooldowns must be 0 seconds or more.");
    }
    Ok(())
}

/// Two target-tracking policies on one metric would fight each other.
fn check_alone(
    snapshot: &Snapshot,
    region: &str,
    policy: &wire::ScalingPolicy,
) -> Result<(), AwsError> {
    let Some(tracking) = &policy.target_tracking_scaling_policy_configuration else {
        return Ok(());
    };
    let prefix = of_target(region, &policy.scalable_dimension, &policy.resource_id);
    let taken = snapshot
        .scan::<ScalingPolicy>(&prefix)
        .filter(|other| other.shown.policy_name != policy.policy_name)
        .filter_map(|other| other.shown.target_tracking_scaling_policy_configuration.clone())
        .any(|other| {
            other.predefined_metric_specification == tracking.predefined_metric_specification
                && other.customized_metric_specification == tracking.customized_metric_specification
        });
    match taken {
        true => Err(error::validation_exception(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
        )),
        false => Ok(()),
    }
}
