//! From the alarms and metrics of a target's policies to an activity.

mod policies;
mod standing;

use std::sync::Arc;

use neargate_api::model::application_autoscaling::{
    CapacityChange, ScalableTarget, ScalingActivity, of_target,
};
use neargate_api::model::cloudwatch::Alarm;
use neargate_api::types::cloudwatch::MetricAlarm;
use neargate_api::{Record, Rng, Snapshot, Timestamp, Tx};
use neargate_api_application_autoscaling::activity;
use neargate_plan::scaling::{self, Plan, Policy};

pub use standing::service_of;

/// What metrics were. Whoever scales asks of alarms what they watch.
pub trait Values {
    /// The values of the last so many periods that have one, the newest first.
    fn of(&self, alarm: &Alarm, definition: &MetricAlarm, periods: usize) -> Vec<f64>;
}

/// A target whose policies have something to say.
pub struct Due {
    target: Arc<ScalableTarget>,
    policies: Vec<Policy>,
}

/// The targets with policies that speak.
pub fn due(snapshot: &Snapshot, values: &dyn Values) -> Vec<Due> {
    let mut all = Vec::new();
    for target in snapshot.all::<ScalableTarget>() {
        let policies = policies::of(snapshot, &target, values);
        if !policies.is_empty() {
            all.push(Due { target, policies });
        }
    }
    all
}

impl Due {
    pub fn resource_id(&self) -> &str {
        &self.target.shown.resource_id
    }
}

/// What the policies come to. `None` where the target or its service is gone, or something that
/// was decided is still to be carried out, or was in this very minute: alarms act once in each.
pub fn plan(snapshot: &Snapshot, due: &Due, now: Timestamp) -> Option<Plan> {
    let target = snapshot.get::<ScalableTarget>(&due.target.key())?;
    let is_pending = |activity: Arc<ScalingActivity>| activity.shown.status_code == "Pending";
    if activities(snapshot, &target).any(is_pending) {
        return None;
    }
    let standing = standing::of(snapshot, &target, now)?;
    let minute = |at: Timestamp| at.secs().div_euclid(60);
    if standing.last.is_some_and(|last| minute(last.at) == minute(now)) {
        return None;
    }
    Some(scaling::plan(&standing, &due.policies, now))
}

/// Writes down what is decided, from the very state that is changed.
pub fn apply(tx: &mut Tx, due: &Due, rng: &Rng, now: Timestamp) {
    let Some(plan) = plan(tx.view(), due, now) else { return };
    let (region, shown) = (&due.target.region, &due.target.shown);
    match plan {
        Plan::Rest | Plan::Wait(_) => {}
        Plan::Scale(scale) => {
            let cause = scaling::cause(&scale.by);
            let change = CapacityChange {
                from: scale.from,
                to: scale.to,
                cooldown_s: scale.cooldown_s,
                policy: Some(scale.by.policy),
            };
            activity::put(tx, activity::begun(rng, region, shown, now, cause, change));
        }
        Plan::NotScaled { by, reason } => {
            let said = activity::not_scaled(rng, region, shown, now, &by, reason);
            if !is_said(tx.view(), &due.target, &said) {
                activity::put(tx, said);
            }
        }
    }
}

/// A target's activities of late, the newest first.
fn activities(
    snapshot: &Snapshot,
    target: &ScalableTarget,
) -> impl Iterator<Item = Arc<ScalingActivity>> {
    let shown = &target.shown;
    let prefix = of_target(&target.region, &shown.scalable_dimension, &shown.resource_id);
    // More than one is unsettled only for a moment.
    snapshot.scan::<ScalingActivity>(&prefix).take(LATELY).collect::<Vec<_>>().into_iter()
}

const LATELY: usize = 20;

/// Whether the newest activity says the very same: an alarm that stays is told once.
fn is_said(snapshot: &Snapshot, target: &ScalableTarget, said: &ScalingActivity) -> bool {
    activities(snapshot, target).next().is_some_and(|newest| {
        newest.shown.cause == said.shown.cause
            && newest.shown.not_scaled_reasons == said.shown.not_scaled_reasons
    })
}
