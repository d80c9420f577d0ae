//! What must hold, looked at after every write. It is written from what AWS promises, and
//! shares no code with the plan that it judges.

mod capacity;
mod ends;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use neargate_api::{Record, Snapshot};
use neargate_model::ecs::{
    Deployment, DeploymentStatus, HealthStatus, RolloutState, Service, ServiceStatus, StopCode,
    Task, TaskStatus,
};
use neargate_model::elbv2::{Target, TargetState};

use crate::world::Who;
use capacity::Interruptions;
use ends::Kills;

#[derive(Default)]
pub struct Properties {
    /// The tasks of services that are not over yet, by their keys.
    tasks: BTreeMap<String, Arc<Task>>,
    /// How many tasks of a deployment have failed that the scheduler knows of.
    failed: BTreeMap<String, u32>,
    /// Deployments that have completed: what may be rolled back to.
    completed: BTreeSet<String>,
    interruptions: Interruptions,
    kills: Kills,
}

/// How many tasks must be healthy, and how many there may be.
pub fn bounds(service: &Service) -> (u32, u32) {
    let configuration = service.wire.deployment_configuration.as_ref();
    let percent = |of: Option<i32>, default: i32| of.unwrap_or(default) as f64 / 100.0;
    let minimum = percent(configuration.and_then(|c| c.minimum_healthy_percent), 100);
    let maximum = percent(configuration.and_then(|c| c.maximum_percent), 200);
    let desired_count = f64::from(service.desired_count);
    let tiny = 1e-9;
    (
        (desired_count * minimum - tiny).ceil() as u32,
        (desired_count * maximum + tiny).floor() as u32,
    )
}

/// Whether every check that a task has passes.
pub fn is_healthy(snapshot: &Snapshot, task: &Task) -> bool {
    let of_target = |port: u16, group: &str| {
        let ip = task.private_ip.as_deref().unwrap_or_default();
        snapshot.get::<Target>(&Target::key_of(group, ip, port)).map(|target| target.state)
    };
    let passes = |health: &Option<HealthStatus>| health.is_none_or(|h| h == HealthStatus::Healthy);
    task.status == TaskStatus::Running
        && task.containers.iter().all(|container| passes(&container.health))
        && task
            .targets
            .iter()
            .all(|t| of_target(t.port, &t.target_group_arn) == Some(TargetState::Healthy))
}

/// Whether it runs, or is on its way there.
fn is_wanted(task: &Task) -> bool {
    task.stop.is_none() && task.status < TaskStatus::Deactivating
}

/// A service's tasks before and after a write, but for those that are over.
struct Tasks {
    before: Vec<Arc<Task>>,
    after: Vec<Arc<Task>>,
}

impl Tasks {
    /// Those that a write has started.
    fn started(&self) -> impl Iterator<Item = &Arc<Task>> {
        let is_new = |task: &&Arc<Task>| !self.before.iter().any(|before| before.id == task.id);
        self.after.iter().filter(is_new)
    }

    /// Those that it has asked to stop.
    fn stopped(&self) -> impl Iterator<Item = &Arc<Task>> {
        let before = self.before.iter().filter(|task| is_wanted(task));
        before.filter(|t| self.after.iter().any(|after| after.id == t.id && after.stop.is_some()))
    }
}

impl Properties {
    /// Neargate was not there for a while.
    pub fn note_absence(&mut self, ms: i64) {
        self.interruptions.note_absence(ms);
    }

    /// The clock was set.
    pub fn note_move(&mut self, by_ms: i64) {
        self.interruptions.note_move(by_ms);
    }

    /// The kernel has killed a task's container for memory.
    pub fn note_kill(&mut self, task_id: &str) {
        self.kills.note(task_id);
    }

    /// What must not be and is, after a write.
    pub fn check(
        &mut self,
        who: Who,
        at_ms: i64,
        before: &Snapshot,
        after: &Snapshot,
    ) -> Option<String> {
        let mut broken = None;
        let of_before: Vec<_> = self.tasks.values().cloned().collect();
        self.forget_failures(before, after);
        for (old, new) in after.changed_since::<Task>(before) {
            self.note_task(old.as_deref(), new.as_ref());
            let Some(new) = new else { continue };
            let old = old.as_deref();
            let drained = old.and_then(|old| self.drained(at_ms, after, old, &new));
            broken = broken
                .or(drained)
                .or_else(|| old.and_then(|old| forward(old, &new)))
                .or_else(|| self.interruptions.note_task(at_ms, old, &new))
                .or_else(|| capacity::placed(before, old, &new))
                .or_else(|| self.kills.told(old, &new));
        }
        broken = broken
            .or_else(|| self.interruptions.overdue(at_ms))
            .or_else(|| ends::drains_on(who, before, after));
        self.begin_anew(before, after);
        for service in after.all::<Service>() {
            let own = |tasks: Vec<Arc<Task>>| {
                tasks.into_iter().filter(|t| t.service.as_ref() == Some(&service.name)).collect()
            };
            let tasks = Tasks {
                before: own(of_before.clone()),
                after: own(self.tasks.values().cloned().collect()),
            };
            let old = before.get::<Service>(&service.key());
            broken = broken.or_else(|| owned(&service, &tasks));
            if who == Who::Scheduler && service.status == ServiceStatus::Active {
                broken = broken
                    .or_else(|| within_maximum(&service, &tasks))
                    .or_else(|| above_minimum(&service, &tasks, before, after))
                    .or_else(|| capacity::shares(&service, &tasks, after))
                    .or_else(|| steady(old.as_deref(), &service, &tasks, after));
            }
            if let Some(old) = old {
                broken = broken
                    .or_else(|| self.deployments(who, &old, &service, &tasks, after))
                    .or_else(|| self.breaker(who, &old, &service));
            }
        }
        broken.map(|what| format!("{what}, after {:.3} s", at_ms as f64 / 1000.0))
    }

    fn note_task(&mut self, old: Option<&Task>, new: Option<&Arc<Task>>) {
        let Some(task) = new else { return };
        if task.status == TaskStatus::Stopped && task.accounted {
            self.tasks.remove(&task.key());
        } else {
            self.tasks.insert(task.key(), task.clone());
        }
        if failed(task) && !old.is_some_and(failed) {
            *self.failed.entry(task.deployment.clone().unwrap_or_default()).or_default() += 1;
        }
    }

    /// What no longer counts because a task has become healthy.
    fn forget_failures(&mut self, before: &Snapshot, after: &Snapshot) {
        for (old, new) in after.changed_since::<Task>(before) {
            let Some(task) = new.filter(|new| new.proven && !old.is_some_and(|old| old.proven))
            else {
                continue;
            };
            let key =
                task.service.as_ref().map(|s| Service::key_of(&task.region, &task.cluster, s));
            let service = key.and_then(|key| after.get::<Service>(&key));
            if service.is_some_and(|service| resets(&service)) {
                self.failed.remove(task.deployment.as_deref().unwrap_or_default());
            }
        }
    }

    /// Nothing counts of a deployment that is wanted again, not even what failed up to this write.
    fn begin_anew(&mut self, before: &Snapshot, after: &Snapshot) {
        for (old, new) in after.changed_since::<Service>(before) {
            let (Some(old), Some(new)) = (old, new) else { continue };
            let again = new.deployments.iter().filter(|d| rolled_back_to(&old, &new, d));
            for deployment in again {
                self.failed.remove(&deployment.id);
            }
        }
    }

    /// Containers are stopped when nothing is in flight to them any more, or their capacity goes.
    fn drained(&self, at_ms: i64, after: &Snapshot, old: &Task, new: &Task) -> Option<String> {
        let stops = old.status < TaskStatus::Stopping && new.status >= TaskStatus::Stopping;
        let ip = new.private_ip.as_deref().unwrap_or_default();
        let target = |t: &neargate_model::ecs::TaskTarget| {
            after.contains::<Target>(&Target::key_of(&t.target_group_arn, ip, t.port))
        };
        let drains = stops && new.targets.iter().any(target);
        (drains && !self.interruptions.has_to_end(&new.id, at_ms))
            .then(|| format!("(task {}) is {} while it drains", new.id, new.status.as_str()))
    }

    /// Deployments only ever complete or fail, and complete when they are complete.
    fn deployments(
        &mut self,
        who: Who,
        old: &Service,
        new: &Service,
        tasks: &Tasks,
        after: &Snapshot,
    ) -> Option<String> {
        for deployment in &new.deployments {
            let was = old.deployments.iter().find(|d| d.id == deployment.id);
            let was = was.map_or(RolloutState::InProgress, |was| was.rollout);
            let again = rolled_back_to(old, new, deployment);
            match (was, deployment.rollout) {
                (before, after) if before == after => {}
                (RolloutState::InProgress, RolloutState::Completed) => {
                    if !is_complete(new, deployment, tasks, after) {
                        return Some(format!("{} is called complete and is not", deployment.id));
                    }
                    self.completed.insert(deployment.id.clone());
                }
                (RolloutState::InProgress, RolloutState::Failed) if who != Who::Story => {}
                (RolloutState::Completed, RolloutState::InProgress) if again => {}
                (before, after) => {
                    return Some(format!("{} goes from {before:?} to {after:?}", deployment.id));
                }
            }
            if again && !self.completed.contains(&deployment.id) {
                return Some(format!("{} never completed and is rolled back to", deployment.id));
            }
        }
        None
    }

    /// The breaker fires at its threshold, not before and not after.
    fn breaker(&self, who: Who, old: &Service, new: &Service) -> Option<String> {
        let threshold = threshold(new)?;
        let was_under_way = |id: &str| {
            let was = old.deployments.iter().find(|deployment| deployment.id == id);
            was.is_some_and(|was| was.rollout == RolloutState::InProgress)
        };
        for deployment in new.deployments.iter().filter(|d| was_under_way(&d.id)) {
            let failed = self.failed.get(&deployment.id).copied().unwrap_or(0);
            let monitors = &deployment.monitors;
            let by_another = monitors.stop.is_some() || !monitors.triggered_alarms.is_empty();
            let fires = deployment.rollout == RolloutState::Failed && !by_another;
            let late = who == Who::Scheduler
                && deployment.rollout == RolloutState::InProgress
                && deployment.status == DeploymentStatus::Primary
                && failed >= threshold;
            if late || fires && failed < threshold {
                let what = if late { "does not fire" } else { "fires" };
                let id = &deployment.id;
                return Some(format!("the breaker of {id} {what} at {failed} of {threshold}"));
            }
        }
        None
    }
}

/// At how many failures a deployment of the service fails, if at any.
fn threshold(service: &Service) -> Option<u32> {
    let configuration = service.wire.deployment_configuration.as_ref()?;
    let breaker = configuration.deployment_circuit_breaker.as_ref().filter(|b| b.enable)?;
    let half = service.desired_count.div_ceil(2).clamp(3, 200);
    Some(breaker.threshold_configuration.as_ref().map_or(half, |given| given.value as u32))
}

/// Whether a task that becomes healthy resets the breaker's count.
fn resets(service: &Service) -> bool {
    let configuration = service.wire.deployment_configuration.as_ref();
    let breaker = configuration.and_then(|c| c.deployment_circuit_breaker.as_ref());
    breaker.and_then(|breaker| breaker.reset_on_healthy_task) != Some(false)
}

/// Whether the wanted deployment is another one than before, and not a new one.
fn rolled_back_to(old: &Service, new: &Service, deployment: &Deployment) -> bool {
    let first = |service: &Service| service.deployments.first().map(|d| d.id.clone());
    let known = old.deployments.iter().any(|d| d.id == deployment.id);
    known && first(new).as_ref() == Some(&deployment.id) && first(old) != first(new)
}

/// A task only moves forward.
fn forward(old: &Task, new: &Task) -> Option<String> {
    (new.status < old.status).then(|| {
        format!("(task {}) goes from {} to {}", new.id, old.status.as_str(), new.status.as_str())
    })
}

/// Never a task without an owner.
fn owned(service: &Service, tasks: &Tasks) -> Option<String> {
    let known = |task: &Task| {
        let owner = service.deployments.iter().find(|d| Some(&d.id) == task.deployment.as_ref());
        service.status != ServiceStatus::Inactive && owner.is_some()
    };
    let orphan = tasks.after.iter().find(|t| t.status != TaskStatus::Stopped && !known(t))?;
    Some(format!("(task {}) belongs to no deployment", orphan.id))
}

/// The scheduler starts none beyond the maximum.
fn within_maximum(service: &Service, tasks: &Tasks) -> Option<String> {
    let (_, maximum) = bounds(service);
    let wanted = tasks.after.iter().filter(|task| is_wanted(task)).count();
    let started = tasks.started().count();
    (started > 0 && wanted > maximum as usize).then(|| {
        format!("{started} tasks are started, which makes {wanted}: the maximum is {maximum}")
    })
}

/// The scheduler stops no healthy one that the minimum needs.
fn above_minimum(
    service: &Service,
    tasks: &Tasks,
    before: &Snapshot,
    after: &Snapshot,
) -> Option<String> {
    let (minimum, _) = bounds(service);
    let stopped = tasks.stopped().filter(|task| is_healthy(before, task)).count();
    let well = |task: &&Arc<Task>| is_wanted(task) && is_healthy(after, task);
    let healthy = tasks.after.iter().filter(well).count();
    (stopped > 0 && healthy < minimum as usize).then(|| {
        format!(
            "{stopped} healthy tasks are stopped, which leaves {healthy}: the minimum is {minimum}"
        )
    })
}

fn is_complete(
    service: &Service,
    deployment: &Deployment,
    tasks: &Tasks,
    after: &Snapshot,
) -> bool {
    let wanted: Vec<_> = tasks.after.iter().filter(|task| is_wanted(task)).collect();
    let own = wanted.iter().filter(|t| t.deployment.as_ref() == Some(&deployment.id));
    wanted.len() == service.desired_count as usize
        && own.filter(|task| is_healthy(after, task)).count() == wanted.len()
}

/// The steady state is told when it is so.
fn steady(old: Option<&Service>, new: &Service, tasks: &Tasks, after: &Snapshot) -> Option<String> {
    let told = new.steady && old.is_some_and(|old| !old.steady);
    let complete = new.primary().is_some_and(|primary| is_complete(new, primary, tasks, after));
    (told && !complete).then(|| "the steady state is told and is not there".into())
}

/// Whether it has failed as circuit breakers count it, and the scheduler knows.
fn failed(task: &Task) -> bool {
    let Some(stop) = &task.stop else { return false };
    match stop.code {
        StopCode::TaskFailedToStart | StopCode::EssentialContainerExited => task.accounted,
        StopCode::ServiceSchedulerInitiated => stop.reason.starts_with("Task failed"),
        _ => false,
    }
}
