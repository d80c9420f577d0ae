//! What must hold, looked at after every write, and after every look of the scheduler that
//! changes nothing. It is written from what AWS promises, and shares no code with the plan that
//! it judges: what it knows of tasks and deployments comes from what happened to them.

mod bounds;
mod breaker;
mod capacity;
mod deployments;
mod ends;
mod owners;

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::{Record, Snapshot, Timestamp};
use neargate_model::ecs::{
    Deployment, HealthStatus, RolloutState, Service, ServiceStatus, Task, TaskStatus,
};
use neargate_model::elbv2::{Target, TargetState};

use crate::machine::Machine;
use crate::world::Who;
use bounds::Bounds;
use capacity::Interruptions;
use deployments::Deployments;
use ends::Kills;

pub use bounds::bounds;

#[derive(Default)]
pub struct Properties {
    /// The tasks of services that are not over yet, by their keys.
    tasks: BTreeMap<String, Arc<Task>>,
    bounds: Bounds,
    deployments: Deployments,
    interruptions: Interruptions,
    kills: Kills,
}

/// A write: who made it, when, and the state before and after it.
pub struct Write<'a> {
    pub who: Who,
    pub at_ms: i64,
    pub now: Timestamp,
    pub before: &'a Snapshot,
    pub after: &'a Snapshot,
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

/// Whether one of its checks fails.
pub fn fails(snapshot: &Snapshot, task: &Task) -> bool {
    let ip = task.private_ip.as_deref().unwrap_or_default();
    let state = |t: &neargate_model::ecs::TaskTarget| {
        let target = snapshot.get::<Target>(&Target::key_of(&t.target_group_arn, ip, t.port));
        target.map(|target| target.state)
    };
    task.containers.iter().any(|c| c.health == Some(HealthStatus::Unhealthy))
        || task.targets.iter().any(|t| state(t) == Some(TargetState::Unhealthy))
}

/// Whether one of its checks fails, and that means something: it runs, and has for as long as
/// its service is patient.
fn fails_for_good(snapshot: &Snapshot, service: &Service, task: &Task, now: Timestamp) -> bool {
    let grace_secs = service.wire.health_check_grace_period_seconds.unwrap_or(0);
    let is_out_of_grace = task.started_at.is_some_and(|at| at.plus_secs(grace_secs.into()) <= now);
    task.status == TaskStatus::Running && is_out_of_grace && fails(snapshot, task)
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
    pub fn note_absence(&mut self, at_ms: i64, ms: i64) {
        self.bounds.note_start(at_ms);
        self.interruptions.note_later(ms);
    }

    /// The machine's clock was set back.
    pub fn note_set_back(&mut self, ms: i64) {
        self.interruptions.note_later(ms);
    }

    /// The kernel has killed a task's container for memory.
    pub fn note_kill(&mut self, task_id: &str) {
        self.kills.note(task_id);
    }

    /// No container has outlived a restart of the machine, nor what was to be told of it.
    pub fn note_reboot(&mut self) {
        self.kills.forget();
    }

    /// For how long a service has been above its maximum, and below its minimum.
    pub fn out_of_bounds_ms(&self, at_ms: i64) -> (Option<i64>, Option<i64>) {
        self.bounds.lasts_ms(at_ms)
    }

    /// What must not be and is, after a write.
    pub fn check(&mut self, write: &Write<'_>, machine: &Machine) -> Option<String> {
        let mut broken = None;
        let of_before: Vec<_> = self.tasks.values().cloned().collect();
        for (old, new) in write.after.changed_since::<Task>(write.before) {
            broken = broken.or_else(|| owners::left(write.after, old.as_deref(), new.as_deref()));
            let Some(new) = new else { continue };
            self.note_task(&new);
            let old = old.as_deref();
            let drained = old.and_then(|old| self.drained(write, old, &new));
            broken = broken
                .or(drained)
                .or_else(|| old.and_then(|old| forward(old, &new)))
                .or_else(|| self.interruptions.note_task(write.at_ms, old, &new))
                .or_else(|| capacity::placed(write.before, old, &new))
                .or_else(|| self.kills.check(&new));
        }
        broken = broken
            .or_else(|| owners::made(write, &self.tasks))
            .or_else(|| owners::contained(machine, &self.tasks))
            .or_else(|| self.interruptions.overdue(write.at_ms))
            .or_else(|| ends::drains_on(write));
        for service in write.after.all::<Service>() {
            let is_own = |task: &&Arc<Task>| task.service.as_ref() == Some(&service.name);
            let tasks = Tasks {
                before: of_before.iter().filter(is_own).cloned().collect(),
                after: self.tasks.values().filter(is_own).cloned().collect(),
            };
            let found = self.of_service(write, &service, &tasks);
            broken = broken.or(found);
        }
        broken.map(|what| said(&what, write.at_ms))
    }

    fn of_service(
        &mut self,
        write: &Write<'_>,
        service: &Service,
        tasks: &Tasks,
    ) -> Option<String> {
        let old = write.before.get::<Service>(&service.key());
        let old = old.as_deref();
        let mut broken = owned(service, tasks);
        if write.who == Who::Scheduler && service.status == ServiceStatus::Active {
            broken = broken
                .or_else(|| bounds::within_maximum(service, tasks))
                .or_else(|| bounds::above_minimum(service, tasks, write))
                .or_else(|| capacity::shares(service, tasks, write.after))
                .or_else(|| steady(old, service, tasks, write.after));
        }
        let deployed = self.deployments.check(write, old, service, tasks);
        let bounded = self.bounds.note(write.at_ms, service, &tasks.after, write.after);
        broken.or(deployed).or(bounded)
    }

    /// What must not be and is, after a look of the scheduler that finds nothing to change; it
    /// says what it waits for.
    pub fn check_idle(
        &mut self,
        (at_ms, now): (i64, Timestamp),
        snapshot: &Snapshot,
        waits_for: &[String],
    ) -> Option<String> {
        let mut broken = None;
        let is_active = |service: &Arc<Service>| service.status == ServiceStatus::Active;
        for service in snapshot.all::<Service>().filter(is_active) {
            let all = self.tasks.values();
            let tasks: Vec<_> =
                all.filter(|t| t.service.as_ref() == Some(&service.name)).cloned().collect();
            let view = bounds::Idle { service: &service, tasks: &tasks, snapshot, now, waits_for };
            broken = broken
                .or_else(|| self.bounds.check_idle(at_ms, &view))
                .or_else(|| unnoticed(&tasks))
                .or_else(|| unexplained(&service, waits_for))
                .or_else(|| self.deployments.check_idle(&service, snapshot));
        }
        broken.map(|what| said(&what, at_ms))
    }

    fn note_task(&mut self, task: &Arc<Task>) {
        if task.status == TaskStatus::Stopped && task.accounted {
            self.tasks.remove(&task.key());
        } else {
            self.tasks.insert(task.key(), task.clone());
        }
    }

    /// Containers are stopped when nothing is in flight to them any more, or their capacity goes.
    fn drained(&self, write: &Write<'_>, old: &Task, new: &Task) -> Option<String> {
        let stops = old.status < TaskStatus::Stopping && new.status >= TaskStatus::Stopping;
        let ip = new.private_ip.as_deref().unwrap_or_default();
        let target = |t: &neargate_model::ecs::TaskTarget| {
            write.after.contains::<Target>(&Target::key_of(&t.target_group_arn, ip, t.port))
        };
        let drains = stops && new.targets.iter().any(target);
        (drains && !self.interruptions.has_to_end(&new.id, write.at_ms))
            .then(|| format!("(task {}) is {} while it drains", new.id, new.status.as_str()))
    }
}

fn said(what: &str, at_ms: i64) -> String {
    format!("{what}, after {:.3} s", at_ms as f64 / 1000.0)
}

/// A task only moves forward.
fn forward(old: &Task, new: &Task) -> Option<String> {
    (new.status < old.status).then(|| {
        format!("(task {}) goes from {} to {}", new.id, old.status.as_str(), new.status.as_str())
    })
}

/// The scheduler has taken note of every task that has stopped.
fn unnoticed(tasks: &[Arc<Task>]) -> Option<String> {
    let stopped = tasks.iter().find(|t| t.status == TaskStatus::Stopped && !t.accounted)?;
    Some(format!("(task {}) has stopped and the scheduler takes no note of it", stopped.id))
}

/// A service that is left as it is has reached its steady state, or it is said what for it waits.
fn unexplained(service: &Service, waits_for: &[String]) -> Option<String> {
    let is_silent = !service.steady && waits_for.is_empty();
    is_silent.then(|| "it is not in its steady state, and nothing is waited for".into())
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

/// The wanted deployment, while it is under way.
fn under_way(service: &Service) -> Option<&Deployment> {
    service.primary().filter(|primary| primary.rollout == RolloutState::InProgress)
}

#[cfg(test)]
mod tests;
