//! A scalable target as the decision sees it.

use std::sync::Arc;

use neargate_api::model::application_autoscaling::{ScalableTarget, ScalingActivity, of_target};
use neargate_api::model::ecs::{RolloutState, Service, ServiceStatus};
use neargate_api::{Snapshot, Timestamp};
use neargate_plan::scaling::{Last, Standing};

use crate::forecast;

/// The service that a target scales: `service/CLUSTER/SERVICE`.
pub fn service_of(snapshot: &Snapshot, region: &str, resource_id: &str) -> Option<Arc<Service>> {
    let (cluster, name) = resource_id.strip_prefix("service/")?.split_once('/')?;
    let service = snapshot.get::<Service>(&Service::key_of(region, cluster, name))?;
    (service.status == ServiceStatus::Active).then_some(service)
}

/// `None` where the service is gone.
pub fn of(snapshot: &Snapshot, target: &ScalableTarget, now: Timestamp) -> Option<Standing> {
    let shown = &target.shown;
    let service = service_of(snapshot, &target.region, &shown.resource_id)?;
    let suspended = shown.suspended_state.clone().unwrap_or_default();
    let (min, max) = (shown.min_capacity.max(0) as u32, shown.max_capacity.max(0) as u32);
    let floor = forecast::floor(snapshot, target, now);
    Some(Standing {
        capacity: service.desired_count,
        min: floor.as_ref().map_or(min, |floor| min.max(floor.capacity)),
        max: floor.map_or(max, |floor| max.max(floor.max)),
        is_in_suspended: suspended.dynamic_scaling_in_suspended == Some(true),
        is_out_suspended: suspended.dynamic_scaling_out_suspended == Some(true),
        is_deploying: is_deploying(&service),
        last: last(snapshot, target),
    })
}

fn is_deploying(service: &Service) -> bool {
    let in_progress = service.primary().is_some_and(|d| d.rollout == RolloutState::InProgress);
    service.deployments.len() > 1 || in_progress
}

/// The last change of a policy that was made.
fn last(snapshot: &Snapshot, target: &ScalableTarget) -> Option<Last> {
    let shown = &target.shown;
    let prefix = of_target(&target.region, &shown.scalable_dimension, &shown.resource_id);
    let made = |activity: &Arc<ScalingActivity>| activity.shown.status_code != "Failed";
    snapshot.scan::<ScalingActivity>(&prefix).filter(made).find_map(|activity| {
        let change = activity.change.as_ref().filter(|change| change.policy.is_some())?;
        let (from, to, cooldown_s) = (change.from, change.to, change.cooldown_s);
        Some(Last { from, to, at: activity.started_at, cooldown_s })
    })
}
