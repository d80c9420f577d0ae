//! RegisterScalableTarget: the bounds between which a service is scaled. They act
//! at once: a desired count outside of them is brought within, with an activity
//! that says so, in the same transaction.

use neargate_api::model::application_autoscaling::{CapacityChange, ScalableTarget};
use neargate_api::model::ecs::Service;
use neargate_api::types::application_autoscaling::{
    self as wire, RegisterScalableTargetRequest, RegisterScalableTargetResponse, SuspendedState,
    error,
};
use neargate_api::{AwsError, Ctx, Stored, Tx};
use neargate_plan::scaling::bounds;

use crate::target::{Reference, SCALER};
use crate::{activity, tags};

pub async fn call(
    ctx: Ctx,
    input: RegisterScalableTargetRequest,
) -> Result<RegisterScalableTargetResponse, AwsError> {
    let reference =
        Reference::new(&input.service_namespace, &input.scalable_dimension, &input.resource_id);
    let service = reference.service_key(&ctx.region)?;
    let given_tags = tags::check(input.tags.clone().unwrap_or_default())?;
    let inner = ctx.clone();
    let arn = ctx
        .write(move |tx| {
            let ctx = inner;
            neargate_api_iam::ensure_linked_role(tx, &ctx, SCALER);
            reference.check_service(tx.view(), &service)?;
            let before = tx.get::<ScalableTarget>(&reference.key(&ctx.region));
            let mut target = match before {
                Some(before) => ScalableTarget::clone(&before),
                None => unbounded(&ctx, &reference, &input)?,
            };
            if !given_tags.is_empty() {
                target.tags = given_tags;
            }
            merge(&mut target.shown, input);
            check_bounds(&target.shown)?;
            hold_within(&ctx, tx, &service, &target.shown);
            let arn = target.shown.scalable_target_arn.clone();
            tx.put(target);
            Ok(arn)
        })
        .await?;
    Ok(RegisterScalableTargetResponse { scalable_target_arn: arn })
}

/// A new target, whose bounds must be given.
fn unbounded(
    ctx: &Ctx,
    reference: &Reference,
    input: &RegisterScalableTargetRequest,
) -> Result<ScalableTarget, AwsError> {
    let (Some(min_capacity), Some(max_capacity)) = (input.min_capacity, input.max_capacity) else {
        return Err(error::validation_exception(
            "Both MinCapacity and MaxCapacity must be specified when registering a new scalable target.",
        ));
    };
    let role = "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
                AWSServiceRoleForApplicationAutoScaling_ECSService";
    let shown = wire::ScalableTarget {
        creation_time: ctx.now,
        max_capacity,
        min_capacity,
        resource_id: reference.resource_id.clone(),
        // Whatever role is given, services of ECS are scaled by the service-linked one.
        role_arn: format!("arn:aws:iam::{}:{role}", ctx.account()),
        scalable_dimension: reference.dimension.clone(),
        scalable_target_arn: Some(
            ctx.arn("application-autoscaling", format!("scalable-target/{}", ctx.rng().hex(36))),
        ),
        service_namespace: reference.namespace.clone(),
        suspended_state: Some(SuspendedState {
            dynamic_scaling_in_suspended: Some(false),
            dynamic_scaling_out_suspended: Some(false),
            scheduled_scaling_suspended: Some(false),
        }),
        ..Default::default()
    };
    Ok(ScalableTarget {
        region: ctx.region.clone(),
        shown: Stored(shown),
        tags: Default::default(),
    })
}

/// What is not given stays as it is.
fn merge(target: &mut wire::ScalableTarget, input: RegisterScalableTargetRequest) {
    target.min_capacity = input.min_capacity.unwrap_or(target.min_capacity);
    target.max_capacity = input.max_capacity.unwrap_or(target.max_capacity);
    let (Some(state), Some(given)) = (&mut target.suspended_state, input.suspended_state) else {
        return;
    };
    let keep = |new: Option<bool>, old: &mut Option<bool>| *old = new.or(*old);
    keep(given.dynamic_scaling_in_suspended, &mut state.dynamic_scaling_in_suspended);
    keep(given.dynamic_scaling_out_suspended, &mut state.dynamic_scaling_out_suspended);
    keep(given.scheduled_scaling_suspended, &mut state.scheduled_scaling_suspended);
}

fn check_bounds(target: &wire::ScalableTarget) -> Result<(), AwsError> {
    let (min, max) = (target.min_capacity, target.max_capacity);
    if min < 0 || max < 0 {
        return Err(error::validation_exception(format!(
            "Capacities must be 0 or more: MinCapacity is {min}, MaxCapacity is {max}."
        )));
    }
    if min > max {
        return Err(error::validation_exception(format!(
            "Maximum capacity ({max}) must be greater than or equal to minimum capacity ({min})."
        )));
    }
    Ok(())
}

/// Brings the desired count within the target's bounds, and tells it.
fn hold_within(ctx: &Ctx, tx: &mut Tx, service: &str, target: &wire::ScalableTarget) {
    let Some(desired) = tx.get::<Service>(service).map(|service| service.desired_count) else {
        return;
    };
    let bounded = bounds::within(desired, target.min_capacity, target.max_capacity);
    let Some((bound, cause)) = bounded else { return };
    tx.update::<Service>(service, |service| {
        service.desired_count = bound;
        service.steady = false;
    });
    let change = CapacityChange { from: desired, to: bound, policy: None, cooldown_s: 0 };
    let mut begun = activity::begun(ctx.rng(), &ctx.region, target, ctx.now, cause, change);
    activity::set(&mut begun);
    activity::put(tx, begun);
}
