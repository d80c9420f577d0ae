//! Scaling activities: what was scaled or was not, and why; shown for six weeks.
//!
//! ```text
//! Pending ──the desired count is set──▶ InProgress ──as many tasks run──▶ Successful
//!    └──it cannot be──▶ Failed              └──somebody sets another──▶ Overridden
//! ```

use neargate_api::model::application_autoscaling::{CapacityChange, ScalingActivity, of_target};
use neargate_api::types::application_autoscaling::{
    self as wire, DescribeScalingActivitiesRequest, DescribeScalingActivitiesResponse, error,
};
use neargate_api::{AwsError, Ctx, Record, Rng, Stored, Timestamp, Tx};
use neargate_plan::scaling::{cause, description};

use crate::pages;

/// Six weeks, for which AWS shows an activity.
const SHOWN_FOR_SECS: i64 = 42 * 24 * 60 * 60;

/// Codes of what was not scaled.
pub use neargate_plan::scaling::{Reason, Trigger};

/// An activity that has begun: nothing is set yet.
pub fn begun(
    rng: &Rng,
    region: &str,
    target: &wire::ScalableTarget,
    now: Timestamp,
    cause: String,
    change: CapacityChange,
) -> ScalingActivity {
    let shown = wire::ScalingActivity {
        description: description(change.to),
        status_code: "Pending".into(),
        ..on_target(rng, target, now, cause)
    };
    ScalingActivity {
        region: region.to_owned(),
        started_at: now,
        shown: Stored(shown),
        change: Some(change),
    }
}

/// An activity that scaled nothing, and why.
pub fn not_scaled(
    rng: &Rng,
    region: &str,
    target: &wire::ScalableTarget,
    now: Timestamp,
    by: &Trigger,
    reason: Reason,
) -> ScalingActivity {
    let shown = wire::ScalingActivity {
        description: "Attempting to scale due to alarm triggered".into(),
        not_scaled_reasons: Some(vec![told(reason)]),
        status_code: match reason {
            Reason::AlreadyAtDesired { .. } => "Successful".into(),
            _ => "Failed".into(),
        },
        ..on_target(rng, target, now, cause(by))
    };
    ScalingActivity {
        region: region.to_owned(),
        started_at: now,
        shown: Stored(shown),
        change: None,
    }
}

/// Writes an activity down; those of its target that are shown no more go.
pub fn put(tx: &mut Tx, activity: ScalingActivity) {
    let shown = &activity.shown;
    let prefix = of_target(&activity.region, &shown.scalable_dimension, &shown.resource_id);
    let oldest = activity.started_at.plus_secs(-SHOWN_FOR_SECS);
    let old = tx.scan::<ScalingActivity>(&prefix).rev();
    let old = old.take_while(|activity| activity.started_at < oldest);
    let old: Vec<String> = old.map(|activity| activity.key()).collect();
    for key in old {
        tx.delete::<ScalingActivity>(&key);
    }
    tx.put(activity);
}

/// What a scheduled action did with a target's bounds.
pub struct Bounds {
    pub action: String,
    pub min: Option<i32>,
    pub max: Option<i32>,
    /// Why they cannot be.
    pub refusal: Option<String>,
}

/// The activity of bounds that a scheduled action has set.
pub fn of_bounds(
    rng: &Rng,
    region: &str,
    target: &wire::ScalableTarget,
    now: Timestamp,
    told: Bounds,
) -> ScalingActivity {
    let set = [("min", told.min), ("max", told.max)];
    let set = set.into_iter().filter_map(|(name, bound)| Some((name, bound?)));
    let set: Vec<String> = set.map(|(name, bound)| format!("{name} capacity to {bound}")).collect();
    let set = set.join(" and ");
    let cause = format!("scheduled action name {} was triggered", told.action);
    let (code, message) = match told.refusal {
        None => ("Successful", format!("Successfully set {set}")),
        Some(why) => ("Failed", format!("Failed to set {set}. Reason: {why}")),
    };
    let shown = wire::ScalingActivity {
        description: format!("Setting {set}"),
        end_time: Some(now),
        status_code: code.into(),
        status_message: Some(message),
        ..on_target(rng, target, now, cause)
    };
    ScalingActivity {
        region: region.to_owned(),
        started_at: now,
        shown: Stored(shown),
        change: None,
    }
}

fn on_target(
    rng: &Rng,
    target: &wire::ScalableTarget,
    now: Timestamp,
    cause: String,
) -> wire::ScalingActivity {
    wire::ScalingActivity {
        activity_id: rng.uuid(),
        cause,
        resource_id: target.resource_id.clone(),
        scalable_dimension: target.scalable_dimension.clone(),
        service_namespace: target.service_namespace.clone(),
        start_time: now,
        ..Default::default()
    }
}

fn told(reason: Reason) -> wire::NotScaledReason {
    let (mut current, mut max, mut min) = (None, None, None);
    match reason {
        Reason::AlreadyAtMax(bound) => max = Some(bound as i32),
        Reason::AlreadyAtMin(bound) => min = Some(bound as i32),
        Reason::AnticipatedFlapping { current: count }
        | Reason::Unscalable { current: count }
        | Reason::AlreadyAtDesired { current: count } => current = Some(count as i32),
    }
    wire::NotScaledReason {
        code: reason.code().into(),
        current_capacity: current,
        max_capacity: max,
        min_capacity: min,
    }
}

/// The desired count is set, and the service goes there.
pub fn set(activity: &mut ScalingActivity) {
    let Some(change) = &activity.change else { return };
    activity.shown.status_code = "InProgress".into();
    activity.shown.status_message = Some(format!(
        "Successfully set desired count to {}. Waiting for change to be fulfilled by ecs.",
        change.to
    ));
}

/// The desired count could not be set.
pub fn failed(activity: &mut ScalingActivity, why: &str, now: Timestamp) {
    let Some(change) = &activity.change else { return };
    let message = format!("Failed to set desired count to {}. Reason: {why}", change.to);
    end(activity, "Failed", message, now);
}

/// The service has come there.
pub fn fulfilled(activity: &mut ScalingActivity, now: Timestamp) {
    let Some(change) = &activity.change else { return };
    let message = format!(
        "Successfully set desired count to {}. Change successfully fulfilled by ecs.",
        change.to
    );
    end(activity, "Successful", message, now);
}

/// Somebody set another count before it came there.
pub fn overridden(activity: &mut ScalingActivity, count: u32, now: Timestamp) {
    let Some(change) = &activity.change else { return };
    let message = format!(
        "Successfully set desired count to {}. Found it was later changed to {count}.",
        change.to
    );
    end(activity, "Overridden", message, now);
}

fn end(activity: &mut ScalingActivity, code: &str, message: String, now: Timestamp) {
    activity.shown.status_code = code.into();
    activity.shown.status_message = Some(message);
    activity.shown.end_time = Some(now);
}

/// DescribeScalingActivities: the newest first.
pub async fn describe(
    ctx: Ctx,
    input: DescribeScalingActivitiesRequest,
) -> Result<DescribeScalingActivitiesResponse, AwsError> {
    if input.scalable_dimension.is_some() && input.resource_id.is_none() {
        return Err(error::validation_exception(
            "ResourceId must be specified when ScalableDimension is.",
        ));
    }
    let snapshot = ctx.snapshot();
    let not_scaled_too = input.include_not_scaled_activities == Some(true);
    let oldest = ctx.now.plus_secs(-SHOWN_FOR_SECS);
    let prefix = format!("{}/{}:", ctx.region, input.service_namespace);
    let found = snapshot.scan::<ScalingActivity>(&prefix).filter(|activity| {
        let shown = &activity.shown;
        activity.started_at >= oldest
            && (not_scaled_too || shown.not_scaled_reasons.is_none())
            && input.resource_id.as_ref().is_none_or(|id| *id == shown.resource_id)
            && input.scalable_dimension.as_ref().is_none_or(|d| *d == shown.scalable_dimension)
    });
    let page = pages::of(found, |a| a.key(), input.next_token.as_deref(), input.max_results)?;
    Ok(DescribeScalingActivitiesResponse {
        scaling_activities: Some(page.items.iter().map(|a| a.shown.0.clone()).collect()),
        next_token: page.next_token,
    })
}
