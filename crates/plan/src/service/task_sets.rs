//! A service whose controller is CodeDeploy: whoever deploys makes and removes its
//! task sets; the scheduler keeps each of them at its own count, as if it were a
//! service of one deployment, and drops those that go once their tasks are gone.

use std::sync::Arc;

use neargate_ids::Timestamp;
use neargate_model::ecs::{
    Deployment, DeploymentStatus, EventKind, Said, Service, Task, TaskSet, TaskStatus,
};

use super::count::{self, Verdict};
use super::{Plan, View, replace, rollout};

/// Plans each task set for itself. No circuit breaker watches them: CodeDeploy does.
pub fn keep(view: &View<'_>, now: Timestamp, plan: &mut Plan) {
    stop_orphans(view, plan);
    let mut kept = Vec::new();
    for set in &view.service.deployments {
        let tasks = tasks_of(view, &set.id);
        let alone = alone(view.service, set);
        let view = View { service: &alone, tasks: &tasks, ..*view };
        let mut own = Plan::keep(&alone);
        rollout::note_ends(&view, now, &mut own);
        replace::note_unhealthy(&view, now, &mut own);
        replace::replace(&view, now, &mut own);
        let told = settle(&view, now, &mut own);
        let gone = alone.desired_count == 0
            && is_draining(set)
            && tasks.iter().all(|task| task.status == TaskStatus::Stopped);
        if !gone {
            kept.extend(
                own.deployments
                    .first()
                    .map(|planned| Deployment { status: set.status, ..planned.clone() }),
            );
        }
        plan.task_set_events.extend(told.map(|what| (set.id.clone(), what)));
        merge(own, plan);
    }
    plan.deployments = kept;
    tell_steady(view, plan);
}

fn is_draining(set: &Deployment) -> bool {
    set.task_set.as_ref().is_some_and(|set| set.draining)
}

fn tasks_of(view: &View<'_>, id: &str) -> Vec<Arc<Task>> {
    view.tasks.iter().filter(|task| task.deployment.as_deref() == Some(id)).cloned().collect()
}

/// The service as one task set sees it.
fn alone(service: &Service, set: &Deployment) -> Service {
    Service {
        desired_count: service.computed_desired_count(set),
        deployments: vec![Deployment { status: DeploymentStatus::Primary, ..set.clone() }],
        ..service.clone()
    }
}

/// Whether the set has what it shall have; tells when that has become so, unless it goes.
fn settle(view: &View<'_>, now: Timestamp, plan: &mut Plan) -> Option<Said> {
    let set = plan.deployments.first()?;
    let tasks = count::wanted(view, &set.id, true);
    let healthy =
        tasks.iter().filter(|t| count::verdict(view, t, now) == Verdict::Healthy).count() as u32;
    let desired_count = view.service.desired_count;
    let busy = plan.start.is_some() || !plan.stop.is_empty();
    let stable = !busy && healthy == desired_count && tasks.len() == healthy as usize;
    if healthy < desired_count {
        let missing = desired_count - healthy;
        plan.waits_for.push(format!(
            "{missing} of {desired_count} tasks of the task set {} to become healthy",
            set.id
        ));
    }
    let set = plan.primary_mut()?;
    if stable {
        set.launch_failures = 0;
        set.next_launch_at = None;
        set.next_placement_at = None;
    }
    let state: &mut TaskSet = set.task_set.as_mut()?;
    if state.stable == stable {
        return None;
    }
    state.stable = stable;
    state.stable_at = now;
    let tells = stable && !state.draining;
    let kind = EventKind::TaskSetSteadyState(set.id.clone());
    tells.then(|| Said::new(kind, "updated state to STEADY_STATE."))
}

/// What one set needs joins what the service needs. One set's tasks are started in a turn;
/// the next turn sees to the next.
fn merge(own: Plan, plan: &mut Plan) {
    plan.start = plan.start.take().or(own.start);
    plan.stop.extend(own.stop);
    plan.account.extend(own.account);
    plan.events.extend(own.events);
    plan.waits_for.extend(own.waits_for);
    if let Some(at) = own.wake_at {
        plan.wake(at);
    }
}

/// Tasks of a set that is not there any more.
fn stop_orphans(view: &View<'_>, plan: &mut Plan) {
    let known = |task: &Task| {
        view.service.deployments.iter().any(|set| task.deployment.as_deref() == Some(&set.id))
    };
    for task in view.tasks.iter().filter(|task| !known(task)) {
        if task.is_wanted() {
            plan.stop_scaling(task);
        }
        if task.status == TaskStatus::Stopped && !task.accounted {
            plan.account.push(task.id.clone());
        }
    }
}

/// The service is steady while all of its sets are.
fn tell_steady(view: &View<'_>, plan: &mut Plan) {
    let stable = |set: &Deployment| set.task_set.as_ref().is_some_and(|set| set.stable);
    let steady =
        plan.start.is_none() && plan.stop.is_empty() && plan.deployments.iter().all(stable);
    if steady && !view.service.steady {
        plan.say_steady();
    }
    plan.steady = steady;
}
