//! What AWS promises of capacity providers: base and weights, what an interruption of Fargate
//! Spot is, and what a shortage is.

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_model::ecs::{
    Deployment, FARGATE_SPOT, Service, SpotShortage, StopCode, Task, TaskStatus,
};

use super::{Tasks, fails, is_wanted};
use crate::machine::STOP_TIMEOUT_MS;

/// What a story may take to do what it does at once.
const AT_ONCE_MS: i64 = 50;

/// A task that Fargate Spot interrupts, until its containers have ended.
struct Interrupted {
    /// When its capacity is gone.
    ends_ms: i64,
    /// How much later that may be: nobody ends anything while Neargate is down, or by a machine's
    /// clock that went back. The cloud's has no part in it.
    later_ms: i64,
}

/// The tasks that are interrupted, by their ids.
#[derive(Default)]
pub struct Interruptions(BTreeMap<String, Interrupted>);

impl Interruptions {
    pub fn note_later(&mut self, ms: i64) {
        self.0.values_mut().for_each(|interrupted| interrupted.later_ms += ms);
    }

    /// An interruption is a stop of its own kind, and done when the capacity goes.
    pub fn note_task(&mut self, at_ms: i64, old: Option<&Task>, new: &Task) -> Option<String> {
        let interruption = new.interruption.as_ref()?;
        let stop = new.stop.as_ref();
        let as_aws_says = |stop: &neargate_model::ecs::StopRequest| {
            stop.code == StopCode::SpotInterruption
                && stop.reason == "Your Spot Task was interrupted."
        };
        if provider(new) != Some(FARGATE_SPOT) || !stop.is_some_and(as_aws_says) {
            return Some(format!("(task {}) is interrupted and does not say so", new.id));
        }
        if old.is_none_or(|old| old.interruption.is_none()) {
            let ends_ms = at_ms + interruption.left_ms;
            let interrupted = Interrupted { ends_ms, later_ms: 0 };
            self.0.insert(new.id.clone(), interrupted);
        }
        if new.status >= TaskStatus::Deprovisioning {
            self.0.remove(&new.id);
        }
        None
    }

    /// No capacity is used that is gone.
    pub fn overdue(&self, at_ms: i64) -> Option<String> {
        let is_late =
            |(_, i): &(&String, &Interrupted)| at_ms > i.ends_ms + i.later_ms + AT_ONCE_MS;
        let (id, _) = self.0.iter().find(is_late)?;
        Some(format!("(task {id}) is interrupted and runs on"))
    }

    /// Whether its containers have to be asked to end by now, whatever is in flight.
    pub fn has_to_end(&self, id: &str, at_ms: i64) -> bool {
        let told_ms = |i: &Interrupted| i.ends_ms - STOP_TIMEOUT_MS;
        self.0.get(id).is_some_and(|interrupted| told_ms(interrupted) <= at_ms)
    }
}

fn provider(task: &Task) -> Option<&str> {
    task.wire.capacity_provider_name.as_deref()
}

fn is_short(snapshot: &Snapshot) -> bool {
    snapshot.contains::<SpotShortage>(SpotShortage::KEY)
}

/// Nothing is placed where there is no capacity.
pub fn placed(before: &Snapshot, old: Option<&Task>, new: &Task) -> Option<String> {
    let is_new = old.is_none() && provider(new) == Some(FARGATE_SPOT);
    (is_new && is_short(before))
        .then(|| format!("(task {}) is placed on FARGATE_SPOT, which has no capacity", new.id))
}

/// Each provider to which a task has been added has no more than its part: the base is filled
/// first, and beyond it none is ahead of another by more than a task in its weight. What Fargate
/// Spot is short of counts as its own.
pub fn shares(service: &Service, tasks: &Tasks, after: &Snapshot) -> Option<String> {
    let started: Vec<_> = tasks.started().collect();
    let of = started.first()?.deployment.as_ref();
    let deployment = service.deployments.iter().find(|d| Some(&d.id) == of)?;
    if deployment.capacity_provider_strategy.is_empty() {
        let other = started.iter().find(|task| provider(task).is_some())?;
        return Some(format!("(task {}) has a provider and nobody asked for one", other.id));
    }
    let parts = parts(service, deployment, tasks, after);
    for given in &parts {
        if !started.iter().any(|task| provider(task) == Some(given.provider)) {
            continue;
        }
        if let Some(other) = parts.iter().find(|other| given.is_ahead_of(other)) {
            return Some(format!("{given:?} gets a task that is due to {other:?}"));
        }
    }
    let known = |task: &&Arc<Task>| parts.iter().any(|part| Some(part.provider) == provider(task));
    let stray = started.iter().find(|task| !known(task))?;
    Some(format!("(task {}) is on {:?}", stray.id, provider(stray)))
}

/// A provider's part of a deployment.
#[derive(Debug)]
struct Part<'a> {
    provider: &'a str,
    base: i64,
    weight: i64,
    tasks: i64,
}

impl Part<'_> {
    fn beyond(&self) -> i64 {
        (self.tasks - self.base).max(0)
    }

    fn is_ahead_of(&self, other: &Part<'_>) -> bool {
        let fills_its_base = self.tasks <= self.base;
        let out_of_turn = self.weight == 0 || other.tasks < other.base;
        let ahead = self.beyond() * other.weight > (other.beyond() + 1) * self.weight;
        !fills_its_base && self.provider != other.provider && (out_of_turn || ahead)
    }
}

fn parts<'a>(
    service: &Service,
    deployment: &'a Deployment,
    tasks: &Tasks,
    after: &Snapshot,
) -> Vec<Part<'a>> {
    let own =
        |task: &&Arc<Task>| is_wanted(task) && task.deployment.as_ref() == Some(&deployment.id);
    let wanted: Vec<_> = tasks.after.iter().filter(own).collect();
    let failing = wanted.iter().filter(|task| fails(after, task)).count();
    let missing = i64::from(service.desired_count) + failing as i64 - wanted.len() as i64;
    let part = |item: &'a neargate_api::Stored<_>| {
        let item: &'a neargate_api::types::ecs::CapacityProviderStrategyItem = item;
        let name = item.capacity_provider.as_str();
        let is_short = name == FARGATE_SPOT && is_short(after);
        let tasks = wanted.iter().filter(|task| provider(task) == Some(name)).count() as i64;
        Part {
            provider: name,
            base: item.base.unwrap_or(0).into(),
            weight: item.weight.unwrap_or(0).into(),
            tasks: tasks + if is_short { missing.max(0) } else { 0 },
        }
    };
    deployment.capacity_provider_strategy.iter().map(part).collect()
}
