//! Application Auto Scaling, for services of ECS: targets with their bounds,
//! policies, scheduled actions, and the activities that tell what was scaled and
//! why. A target's bounds act at once: whoever registers a minimum above the
//! desired count raises it. `neargate-scaling` does what policies and schedules say.

pub mod activity;
mod pages;
mod policy;
mod scheduled_action;
mod tags;
mod target;

pub use policy::predictive::{Load, load_of};
pub use target::SCALER;

use neargate_api::Service;
use neargate_api::types::application_autoscaling as aas;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&aas::SERVICE)
        .op_on::<aas::RegisterScalableTarget, _>(
            |ctx, i| target::arn(ctx, &i.scalable_dimension, &i.resource_id),
            target::register::call,
        )
        .op_on::<aas::DeregisterScalableTarget, _>(
            |ctx, i| target::arn(ctx, &i.scalable_dimension, &i.resource_id),
            target::deregister::call,
        )
        .op::<aas::DescribeScalableTargets, _>(target::describe::call)
        .op_on::<aas::PutScalingPolicy, _>(
            |ctx, i| target::arn(ctx, &i.scalable_dimension, &i.resource_id),
            policy::put::call,
        )
        .op_on::<aas::DeleteScalingPolicy, _>(
            |ctx, i| target::arn(ctx, &i.scalable_dimension, &i.resource_id),
            policy::delete::call,
        )
        .op::<aas::DescribeScalingPolicies, _>(policy::describe::call)
        .op::<aas::GetPredictiveScalingForecast, _>(policy::forecast::call)
        .op_on::<aas::PutScheduledAction, _>(
            |ctx, i| target::arn(ctx, &i.scalable_dimension, &i.resource_id),
            scheduled_action::put::call,
        )
        .op_on::<aas::DeleteScheduledAction, _>(
            |ctx, i| target::arn(ctx, &i.scalable_dimension, &i.resource_id),
            scheduled_action::delete::call,
        )
        .op::<aas::DescribeScheduledActions, _>(scheduled_action::describe::call)
        .op::<aas::DescribeScalingActivities, _>(activity::describe)
        .op_on::<aas::TagResource, _>(|_, i| i.resource_arn.clone(), tags::tag)
        .op_on::<aas::UntagResource, _>(|_, i| i.resource_arn.clone(), tags::untag)
        .op_on::<aas::ListTagsForResource, _>(|_, i| i.resource_arn.clone(), tags::list)
}

#[cfg(test)]
mod tests;
