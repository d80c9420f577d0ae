//! The tasks themselves: unhealthy ones are replaced, those of old deployments
//! retired, surplus ones stopped, missing ones started, all within the bounds.

use std::cmp::Reverse;
use std::sync::Arc;

use neargate_ids::Timestamp;
use neargate_model::ecs::{RolloutState, StopCode, Task, TaskStatus};

use super::count::{self, Verdict};
use super::{Plan, Start, View, words};

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
        // Nothing would come in its place.
        () if primary.rollout == RolloutState::Failed => 0,
        () if healthy_primary >= desired_count => total,
        // They are the first to go of those that are too many.
        () if total > maximum => total - maximum,
        () if sound < desired_count && total == maximum => 1,
        () => 0,
    };
    for (task, verdict) in census.primary.iter().chain(&census.old) {
        let Verdict::Unhealthy { reason, event } = verdict else { continue };
        if to_stop == 0 {
            break;
        }
        to_stop -= 1;
        plan.say(event.clone());
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
    let desired_count = view.service.desired_count;
    match primary.rollout {
        // What is left of older ones is all that the service has.
        RolloutState::Failed => {
            let all = census.primary.iter().chain(&census.old);
            scale_in(view, all, (minimum, desired_count), now, plan);
        }
        _ => {
            retire_old(&census, minimum, now, plan);
            let sound = census.primary.iter().filter(|(_, verdict)| !is_unhealthy(verdict));
            // While the zones are evened out there are more for a while, on purpose.
            if plan.rebalancing.is_none() {
                scale_in(view, sound, (minimum, desired_count), now, plan);
            }
        }
    }
    start_missing(view, &census, maximum, now, plan);
    tell_blocked(view, &census, now, plan);
}

/// Whether a task may be stopped for another one's sake, or for nobody's.
fn may_go(task: &Task, now: Timestamp, plan: &mut Plan) -> bool {
    if plan.stops(task) {
        return false;
    }
    let Some(until) = task.protected_until.filter(|until| *until > now) else { return true };
    let (id, at) = (&task.id, until.iso8601_secs());
    plan.waits_for.push(format!("the protection of (task {id}) to end, at {at}"));
    plan.wake(until);
    false
}

/// Stops tasks of old deployments as far as the minimum healthy count allows.
fn retire_old(census: &Census<'_>, minimum: u32, now: Timestamp, plan: &mut Plan) {
    let mut spare = census.healthy().saturating_sub(minimum);
    for (task, verdict) in &census.old {
        if *verdict == Verdict::Healthy && spare == 0 || !may_go(task, now, plan) {
            continue;
        }
        if *verdict == Verdict::Healthy {
            spare -= 1;
        }
        plan.stop_scaling(task);
    }
}

/// Stops what is over the desired count: those first that do not run, then those that are not
/// healthy; of the others one in the zone that has the most, and there the newest, as far as the
/// minimum allows: a task that does not run yet may be protected, and is no substitute.
fn scale_in<'a>(
    view: &View<'_>,
    tasks: impl Iterator<Item = &'a (&'a Arc<Task>, Verdict)>,
    (minimum, desired_count): (u32, u32),
    now: Timestamp,
    plan: &mut Plan,
) {
    let mut staying: Vec<_> = tasks.filter(|(task, _)| !plan.stops(task)).collect();
    let surplus = staying.len().saturating_sub(desired_count as usize);
    for _ in 0..surplus {
        let in_zone = |task: &Task| {
            let zone = &task.placement.availability_zone;
            staying.iter().filter(|(other, _)| other.placement.availability_zone == *zone).count()
        };
        let is_healthy = |verdict: &Verdict| *verdict == Verdict::Healthy;
        let healthy = staying.iter().filter(|(_, verdict)| is_healthy(verdict)).count() as u32;
        let first = staying
            .iter()
            .enumerate()
            .filter(|(_, (task, _))| !task.is_protected(now))
            .filter(|(_, (_, verdict))| !is_healthy(verdict) || healthy > minimum)
            .min_by_key(|(_, (task, verdict))| {
                let runs = task.status == TaskStatus::Running;
                (runs, is_healthy(verdict), Reverse(in_zone(task)), Reverse(task.created_at))
            })
            .map(|(index, _)| index);
        let Some(index) = first else { break };
        let (task, _) = staying.remove(index);
        plan.stop_scaling(task);
    }
    if staying.len() > desired_count as usize {
        let protected = staying.iter().filter(|(task, _)| task.is_protected(now)).count();
        for (task, _) in staying {
            may_go(task, now, plan);
        }
        if let Some(primary) = plan.deployments.first().filter(|_| protected > 0) {
            let said = words::protected("reach steady state", &primary.id, protected);
            plan.tell_once(view.service, now, said);
        }
    }
}

/// Tells of a deployment whose percentages let nothing start and nothing stop, however healthy
/// its tasks are.
fn tell_blocked(view: &View<'_>, census: &Census<'_>, now: Timestamp, plan: &mut Plan) {
    let moves = plan.start.is_some() || !plan.stop.is_empty();
    let settled = census.primary.iter().chain(&census.old).all(|(_, v)| *v == Verdict::Healthy);
    let protects = census.old.iter().any(|(task, _)| task.is_protected(now));
    let in_progress =
        plan.deployments.first().is_some_and(|p| p.rollout == RolloutState::InProgress);
    let missing = (census.primary.len() as u32) < view.service.desired_count;
    let (minimum, maximum) = count::bounds(view.service);
    let total = (census.primary.len() + census.old.len()) as u32;
    let blocked = total >= maximum && census.healthy() <= minimum;
    if in_progress && missing && blocked && settled && !moves && !protects && !census.old.is_empty()
    {
        plan.tell_once(
            view.service,
            now,
            "was unable to stop or start tasks during a deployment because of the service deployment configuration. \
             Update the minimumHealthyPercent or maximumPercent value and try again.",
        );
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
    if view.tasks.iter().any(|task| is_failing_to_start(task, &primary.id)) {
        // Only when it has ended is it known how long the next try waits.
        plan.waits_for.push("the end of a task that could not start".into());
        return;
    }
    if let Some(at) = primary.next_launch_at.filter(|at| *at > now) {
        plan.waits_for.push(format!("the next try to start tasks, at {}", at.iso8601_secs()));
        plan.wake(at);
        return;
    }
    if let Some(at) = primary.next_placement_at.filter(|at| *at > now) {
        plan.waits_for
            .push(format!("a place for {count} tasks, looked for at {}", at.iso8601_secs()));
        plan.wake(at);
        return;
    }
    let replaces_unhealthy = census.primary.iter().any(|(_, verdict)| is_unhealthy(verdict));
    let deployment = primary.id;
    plan.start = Some(Start { deployment, count, replaces_unhealthy, zone: None });
}

fn is_failing_to_start(task: &Task, deployment: &str) -> bool {
    let code = task.stop.as_ref().map(|stop| stop.code);
    task.deployment.as_deref() == Some(deployment)
        && task.status != TaskStatus::Stopped
        && task.started_at.is_none()
        && code == Some(StopCode::TaskFailedToStart)
}
