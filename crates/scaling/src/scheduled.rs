//! Scheduled actions: when one is due, its bounds become the target's, and the capacity is brought
//! within them, in one transaction. What Neargate slept through comes once.

use neargate_api::model::application_autoscaling::{
    CapacityChange, ScalableTarget, ScheduledAction,
};
use neargate_api::types::application_autoscaling::{self as wire, ScalableTargetAction};
use neargate_api::{Record, Rng, Snapshot, Timestamp, Tx};
use neargate_api_application_autoscaling::activity;
use neargate_plan::scaling::bounds;
use neargate_rules::{Schedule, Zone};

use crate::look::service_of;

/// How far back the times of a cron that were slept through are looked for.
const LOOK_BACK_MILLIS: i64 = 86_400_000;

/// The keys of the actions that are due, the longest due first.
pub fn due(snapshot: &Snapshot, now: Timestamp) -> Vec<String> {
    let all = snapshot.all::<ScheduledAction>();
    let mut due: Vec<_> =
        all.filter_map(|action| Some((last_time(&action, now)?, action.key()))).collect();
    due.sort();
    due.into_iter().map(|(_, key)| key).collect()
}

/// The last time that has come since it was counted from.
fn last_time(action: &ScheduledAction, now: Timestamp) -> Option<Timestamp> {
    let shown = &action.shown;
    let until = shown.end_time.map_or(now, |end| end.min(now));
    let begins = shown.start_time.map(|start| start.plus_millis(-1));
    let from = begins.map_or(action.counted_from, |begins| begins.max(action.counted_from));
    let zone = shown.timezone.as_deref().map_or(Some(Zone::UTC), Zone::named)?;
    match Schedule::parse(&shown.schedule)? {
        Schedule::Rate { every_millis } => {
            // From its start, which is the first time, or from when it was made.
            let base = shown.start_time.unwrap_or(shown.creation_time.plus_millis(every_millis));
            let times = until.millis_since(base).div_euclid(every_millis);
            let last = base.plus_millis(times * every_millis);
            (times >= 0 && last > from).then_some(last)
        }
        schedule => {
            let mut last = None;
            let mut after = match schedule {
                Schedule::At(_) => from,
                _ => from.max(now.plus_millis(-LOOK_BACK_MILLIS)),
            };
            while let Some(next) = schedule.next_after_in(after, &zone).filter(|at| *at <= until) {
                last = Some(next);
                after = next;
            }
            last
        }
    }
}

/// Does what the action says. One that comes once is gone then.
pub fn apply(tx: &mut Tx, key: &str, rng: &Rng, now: Timestamp) {
    let Some(action) = tx.get::<ScheduledAction>(key) else { return };
    let Some(at) = last_time(&action, now) else { return };
    match action.shown.schedule.starts_with("at(") {
        true => drop(tx.delete::<ScheduledAction>(key)),
        false => drop(tx.update::<ScheduledAction>(key, |action| action.counted_from = at)),
    }
    let target = ScalableTarget::key_of(
        &action.region,
        &action.scalable_dimension,
        &action.shown.resource_id,
    );
    let Some(target) = tx.get::<ScalableTarget>(&target) else { return };
    let suspended = target.shown.suspended_state.as_ref();
    if suspended.is_some_and(|state| state.scheduled_scaling_suspended == Some(true)) {
        return;
    }
    let asked = action.shown.scalable_target_action.clone().unwrap_or_default();
    let mut changed = ScalableTarget::clone(&target);
    changed.shown.min_capacity = asked.min_capacity.unwrap_or(target.shown.min_capacity);
    changed.shown.max_capacity = asked.max_capacity.unwrap_or(target.shown.max_capacity);
    let told = told(&action, &asked, &changed.shown);
    activity::put(tx, activity::of_bounds(rng, &action.region, &target.shown, now, told));
    if changed.shown.min_capacity > changed.shown.max_capacity {
        return;
    }
    // What follows is told after what it follows from.
    hold_within(tx, &changed, rng, now.plus_millis(1));
    tx.put(changed);
}

fn told(
    action: &ScheduledAction,
    asked: &ScalableTargetAction,
    target: &wire::ScalableTarget,
) -> activity::Bounds {
    let (min, max) = (target.min_capacity, target.max_capacity);
    let refusal = (min > max).then(|| {
        format!(
            "Maximum capacity ({max}) must be greater than or equal to minimum capacity ({min})."
        )
    });
    activity::Bounds {
        action: action.shown.scheduled_action_name.clone(),
        min: asked.min_capacity,
        max: asked.max_capacity,
        refusal,
    }
}

/// Brings the capacity within the bounds, where it is outside.
fn hold_within(tx: &mut Tx, target: &ScalableTarget, rng: &Rng, now: Timestamp) {
    let shown = &target.shown;
    let Some(service) = service_of(tx.view(), &target.region, &shown.resource_id) else { return };
    let bounded = bounds::within(service.desired_count, shown.min_capacity, shown.max_capacity);
    let Some((to, cause)) = bounded else { return };
    let change = CapacityChange { from: service.desired_count, to, policy: None, cooldown_s: 0 };
    activity::put(tx, activity::begun(rng, &target.region, shown, now, cause, change));
}
