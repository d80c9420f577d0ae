//! How deployments end: failures are counted, completion is told, old ones go.

use neargate_ids::Timestamp;
use neargate_model::ecs::{
    Deployment, DeploymentStatus, EventKind, RolloutState, Said, StopCode, Task, TaskStatus,
};

use super::count::{self, Verdict};
use super::{Plan, View, alarms, breaker, launch_backoff_millis};

/// A task that ends so soon after its start is not started again at once.
const QUICK_END_MILLIS: i64 = 10_000;
const QUICK_END_WAIT_MILLIS: i64 = 1000;

/// From this failure to start on, events tell of the backoff.
const TOLD_FROM_FAILURE: u32 = 2;

/// Takes note of stopped tasks: what they mean for the circuit breaker and the backoff.
pub fn note_ends(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    let ended = view.tasks.iter().filter(|t| t.status == TaskStatus::Stopped && !t.accounted);
    let mut impaired = Vec::new();
    for task in ended {
        plan.account.push(task.id.clone());
        let deployment =
            plan.deployments.iter_mut().find(|d| Some(&d.id) == task.deployment.as_ref());
        let Some(deployment) = deployment else { continue };
        let code = task.stop.as_ref().map(|stop| stop.code);
        let failed =
            matches!(code, Some(StopCode::TaskFailedToStart | StopCode::EssentialContainerExited));
        // The next try waits, too, and it is no fault of the deployment.
        let lost = code == Some(StopCode::TerminationNotice);
        if !failed && !lost {
            continue;
        }
        if failed && deployment.rollout == RolloutState::InProgress {
            deployment.failed_tasks += 1;
            deployment.updated_at = now;
        }
        if task.started_at.is_none() {
            if note_launch_failure(task, deployment, now) {
                impaired.push((task, deployment.id.clone(), deployment.launch_failures));
            }
        } else {
            deployment.launch_failures = 0;
            if ran_millis(task) < QUICK_END_MILLIS {
                deployment.next_launch_at = Some(now.plus_millis(QUICK_END_WAIT_MILLIS));
            }
        }
    }
    for (task, id, failures) in impaired {
        let deployment = plan.deployments.iter().find(|d| d.id == id);
        // All of them are counted by now: the breaker may end it, and nothing is tried again.
        let goes_on = deployment.filter(|d| !breaker::is_reached(view, d));
        plan.events.push(unable_to_start(task, failures, goes_on.and_then(|d| d.next_launch_at)));
    }
}

/// A task did not start: the next try waits. All tasks that were started together are one try,
/// however many of them fail. Whether an event tells of it.
fn note_launch_failure(task: &Task, deployment: &mut Deployment, now: Timestamp) -> bool {
    if deployment.next_launch_at.is_some_and(|at| task.created_at < at) {
        return false;
    }
    deployment.launch_failures += 1;
    let at = now.plus_millis(launch_backoff_millis(deployment.launch_failures));
    deployment.next_launch_at = Some(at);
    deployment.launch_failures >= TOLD_FROM_FAILURE
}

fn ran_millis(task: &Task) -> i64 {
    match (task.started_at, task.stopped_at) {
        (Some(started), Some(stopped)) => stopped.millis_since(started),
        _ => 0,
    }
}

fn unable_to_start(task: &Task, failures: u32, next: Option<Timestamp>) -> Said {
    let reason = task.stop.as_ref().map_or("unknown", |stop| stop.reason.as_str());
    let next = next.map(|at| format!(" The next try is at {}.", at.iso8601_secs()));
    let what = format!(
        "is unable to consistently start tasks successfully: {failures} tries in a row failed, the last with: {reason}.{}",
        next.unwrap_or_default()
    );
    Said::new(EventKind::StartImpaired, what)
}

/// Completes the primary deployment, drops old ones without tasks, tells the steady state.
pub fn complete(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    let busy = plan.start.is_some() || !plan.stop.is_empty() || plan.roll_back_to.is_some();
    let has_tasks = |id: &str| {
        view.tasks
            .iter()
            .any(|t| t.deployment.as_deref() == Some(id) && t.status != TaskStatus::Stopped)
    };
    let stays = |d: &mut Deployment| d.status == DeploymentStatus::Primary || has_tasks(&d.id);
    plan.gone.extend(plan.deployments.extract_if(.., |d| !stays(d)));
    if busy {
        plan.steady = false;
        return;
    }
    let Some(primary) = plan.deployments.first().cloned() else { return };
    let tasks = count::wanted(view, &primary.id, true);
    let healthy =
        tasks.iter().filter(|t| count::verdict(view, t, now) == Verdict::Healthy).count() as u32;
    let desired_count = view.service.desired_count;
    if healthy < desired_count {
        let missing = desired_count - healthy;
        plan.waits_for.push(format!("{missing} of {desired_count} tasks to become healthy"));
        plan.steady = false;
        return;
    }
    if tasks.len() > desired_count as usize {
        // What may not be stopped is told where that is found.
        plan.steady = false;
        return;
    }
    if !count::wanted(view, &primary.id, false).is_empty() {
        plan.waits_for.push("tasks of older deployments to stop".into());
        return;
    }
    if alarms::bakes(view, now, plan) {
        return;
    }
    if primary.rollout == RolloutState::InProgress {
        if let Some(primary) = plan.primary_mut() {
            primary.rollout = RolloutState::Completed;
            primary.rollout_reason = format!("ECS deployment {} completed.", primary.id);
            primary.launch_failures = 0;
            primary.next_launch_at = None;
            primary.next_placement_at = None;
            primary.updated_at = now;
        }
        plan.last_completed = plan.deployments.first().cloned();
        plan.say(format!("(deployment {}) deployment completed.", primary.id));
    }
    // While the zones are evened out, the steady state is told at the end of that.
    if !plan.steady && plan.rebalancing.is_none() {
        plan.steady = true;
        plan.say_steady();
    }
}
