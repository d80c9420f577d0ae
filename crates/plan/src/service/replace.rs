//! The tasks themselves: unhealthy ones are replaced, those of old deployments
//! retired, surplus ones stopped, missing ones started, all within the bounds.

use std::sync::Arc;

use neargate_ids::Timestamp;
use neargate_model::ecs::{RolloutState, Task, TaskStatus};

use super::count::{self, Verdict};
use super::{Plan, Start, View};

/// The wanted tasks of the primary deployment and of the others, with their verdicts.
struct Census<'a> {
    primary: Vec<(&'a Arc<Task>, Verdict)>,
    old: Vec<(&'a Arc<Task>, Verdict)>,
}

impl<'a> Census<'a> {
    fn take(view: &View<'a>, primary_id: &str, now: Timestamp) -> Self {
        let judged = |of| {
            let tasks = count::wanted(view, primary_id, of).into_iter();
            tasks.map(|task| (task, count::verdict(view, task, now))).collect()
        };
        Census { primary: judged(true), old: judged(false) }
    }

    fn healthy(&self) -> u32 {
        let all = self.primary.iter().chain(&self.old);
        all.filter(|(_, verdict)| *verdict == Verdict::Healthy).count() as u32
    }
}

fn is_unhealthy(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Unhealthy { .. })
}

/// Counts the primary's unhealthy tasks towards the circuit breaker and asks for their stop
/// where nothing is lost by it: their replacement is in `replace`.
pub fn note_unhealthy(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    let Some(primary) = plan.deployments.first().cloned() else { return };
    let (_, maximum) = count::bounds(view.service);
    let census = Census::take(view, &primary.id, now);
    let total = (census.primary.len() + census.old.len()) as u32;
    let healthy_primary =
        census.primary.iter().filter(|(_, v)| *v == Verdict::Healthy).count() as u32;
    let sound = census.primary.iter().filter(|(_, v)| !is_unhealthy(v)).count() as u32;
    let desired_count = view.service.desired_count;
    // With room for a replacement the unhealthy task stays until the replacement is healthy.
    let mut to_stop = match () {
        () if healthy_primary >= desired_count => total,
        () if sound < desired_count && total >= maximum => 1,
        () => 0,
    };
    for (task, verdict) in census.primary.iter().chain(&census.old) {
        let Verdict::Unhealthy { reason, event } = verdict else { continue };
        if to_stop == 0 {
            break;
        }
        to_stop -= 1;
        plan.events.push(event.clone());
        plan.stop(task, reason.clone());
        let of_primary = task.deployment.as_deref() == Some(primary.id.as_str());
        if of_primary
            && let Some(primary) = plan.primary_mut()
            && primary.rollout == RolloutState::InProgress
        {
            primary.failed_tasks += 1;
            primary.updated_at = now;
        }
    }
    for (task, _) in census.primary.iter().chain(&census.old) {
        if let Some(ends) = count::grace_ends(view.service, task, now) {
            plan.wake(ends);
        }
    }
}

/// Retires, scales in and starts.
pub fn replace(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    if plan.roll_back_to.is_some() {
        return;
    }
    let Some(primary) = plan.deployments.first().cloned() else { return };
    let (minimum, maximum) = count::bounds(view.service);
    let census = Census::take(view, &primary.id, now);
    if primary.rollout != RolloutState::Failed {
        retire_old(&census, minimum, plan);
    }
    scale_in(&census, view.service.desired_count, plan);
    start_missing(view, &census, maximum, now, plan);
}

/// Stops tasks of old deployments as far as the minimum healthy count allows.
fn retire_old(census: &Census<'_>, minimum: u32, plan: &mut Plan) {
    let mut spare = census.healthy().saturating_sub(minimum);
    for (task, verdict) in &census.old {
        if plan.stops(task) {
            continue;
        }
        if *verdict == Verdict::Healthy {
            if spare == 0 {
                continue;
            }
            spare -= 1;
        }
        plan.stop_scaling(task);
    }
}

/// Stops what is over the desired count: those that do not run yet first, then the newest.
fn scale_in(census: &Census<'_>, desired_count: u32, plan: &mut Plan) {
    let mut staying: Vec<_> = census
        .primary
        .iter()
        .filter(|(task, verdict)| !plan.stops(task) && !is_unhealthy(verdict))
        .collect();
    let surplus = staying.len().saturating_sub(desired_count as usize);
    staying.sort_by_key(|(task, _)| {
        (task.status == TaskStatus::Running, std::cmp::Reverse(task.created_at))
    });
    for (task, _) in staying.into_iter().take(surplus) {
        plan.stop_scaling(task);
    }
}

/// Starts what is missing, as far as the maximum and the launch backoff allow.
fn start_missing(
    view: &View<'_>,
    census: &Census<'_>,
    maximum: u32,
    now: Timestamp,
    plan: &mut Plan,
) {
    let Some(primary) = plan.deployments.first().cloned() else { return };
    if primary.rollout == RolloutState::Failed {
        plan.waits_for.push("a new deployment: the present one has failed".into());
        return;
    }
    let staying = |tasks: &[(&Arc<Task>, Verdict)]| {
        tasks.iter().filter(|(t, _)| !plan.stops(t)).count() as u32
    };
    let sound =
        census.primary.iter().filter(|(t, v)| !plan.stops(t) && !is_unhealthy(v)).count() as u32;
    let missing = view.service.desired_count.saturating_sub(sound);
    let room = maximum.saturating_sub(staying(&census.primary) + staying(&census.old));
    let count = missing.min(room);
    if missing > 0 && count == 0 {
        plan.waits_for.push(format!("room for {missing} more tasks: the maximum is {maximum}"));
    }
    if count == 0 {
        return;
    }
    if let Some(at) = primary.next_launch_at.filter(|at| *at > now) {
        plan.waits_for.push(format!("the next try to start tasks, at {}", at.iso8601_secs()));
        plan.wake(at);
        return;
    }
    let replaces_unhealthy = census.primary.iter().any(|(_, verdict)| is_unhealthy(verdict));
    plan.start = Some(Start { deployment: primary.id, count, replaces_unhealthy });
}
