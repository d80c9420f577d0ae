//! How many tasks of a deployment have failed, as the circuit breaker counts them, and at how many
//! it fires: from what happened to the tasks and their targets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use neargate_api::Record;
use neargate_api::types::ecs::DeploymentCircuitBreaker;
use neargate_model::ecs::{RolloutState, Service, StopCode, Task, TaskStatus};

use super::{Tasks, Write, fails_for_good, is_healthy, is_wanted, under_way};

/// A task without a check is one that became healthy after so long.
const PROVEN_AFTER_MS: i64 = 10_000;

#[derive(Default)]
pub struct Failures {
    /// Of a deployment.
    counts: BTreeMap<String, u32>,
    /// The tasks that have become healthy, which each has an effect once.
    healthy: BTreeSet<String>,
}

/// The circuit breaker, where it is on.
pub fn breaker(service: &Service) -> Option<&DeploymentCircuitBreaker> {
    let configuration = service.wire.deployment_configuration.as_ref()?;
    configuration.deployment_circuit_breaker.as_ref().filter(|breaker| breaker.enable)
}

/// At how many failures a deployment of the service fails, if at any. A part of the desired
/// count is rounded up: the least number that is no less than it. Between 3 and 200, unless it is
/// asked for without bounds.
pub fn threshold(service: &Service) -> Option<u64> {
    let given = breaker(service)?.threshold_configuration.as_ref();
    let desired_count = u64::from(service.desired_count);
    let is_enough = |part: u64, percent: u64| part * 100 >= desired_count * percent;
    let part_of = |percent| (0..=5_000).find(|part| is_enough(*part, percent)).unwrap_or(5_000);
    let bounded = |part: u64| part.clamp(3, 200);
    Some(match given.map(|given| (given.r#type.as_str(), given.value as u64)) {
        Some(("COUNT", value)) => value,
        Some(("UNBOUNDED_PERCENT", value)) => part_of(value).max(1),
        Some((_, value)) => bounded(part_of(value)),
        None => bounded(part_of(50)),
    })
}

impl Failures {
    pub fn of(&self, deployment: &str) -> u64 {
        self.counts.get(deployment).copied().unwrap_or(0).into()
    }

    /// Nothing counts any more of a deployment that is wanted again.
    pub fn begin_anew(&mut self, deployment: &str) {
        self.counts.remove(deployment);
    }

    /// What the scheduler finds, in the order of the circuit breaker's words: tasks that became
    /// healthy, those that ended, those that fail their checks and are stopped for that.
    pub fn count(
        &mut self,
        write: &Write<'_>,
        old: &Service,
        new: &Service,
        tasks: &Tasks,
    ) -> Option<String> {
        self.reset(write, old, tasks);
        let ended = self.count_ended(write, old, tasks);
        let unhealthy = self.count_unhealthy(write, old, new, tasks);
        ended.or(unhealthy)
    }

    fn add(&mut self, old: &Service, task: &Task) {
        let of_task =
            |d: &&neargate_model::ecs::Deployment| Some(&d.id) == task.deployment.as_ref();
        let deployment = old.deployments.iter().find(of_task);
        if let Some(deployment) = deployment.filter(|d| d.rollout == RolloutState::InProgress) {
            *self.counts.entry(deployment.id.clone()).or_default() += 1;
        }
    }

    /// A task that has become healthy resets the count, unless it is told not to.
    fn reset(&mut self, write: &Write<'_>, old: &Service, tasks: &Tasks) {
        let (Some(breaker), Some(primary)) = (breaker(old), under_way(old)) else { return };
        let is_of_primary = |task: &&Arc<Task>| task.deployment.as_ref() == Some(&primary.id);
        let is_new = |task: &&Arc<Task>| !self.healthy.contains(&task.id);
        let has_become_healthy = |task: &&Arc<Task>| {
            let is_checked = !task.targets.is_empty()
                || task.containers.iter().any(|container| container.health.is_some());
            let ran_ms = task.started_at.map_or(0, |at| write.now.millis_since(at));
            is_healthy(write.before, task) && (is_checked || ran_ms >= PROVEN_AFTER_MS)
        };
        let own = tasks.before.iter().filter(|task| is_wanted(task)).filter(is_of_primary);
        let fresh: Vec<_> = own.filter(is_new).filter(has_become_healthy).collect();
        if !fresh.is_empty() && breaker.reset_on_healthy_task != Some(false) {
            self.counts.remove(&primary.id);
        }
        let fresh: Vec<_> = fresh.into_iter().map(|task| task.id.clone()).collect();
        self.healthy.extend(fresh);
    }

    /// Tasks that did not start, or whose essential container ended.
    fn count_ended(&mut self, write: &Write<'_>, old: &Service, tasks: &Tasks) -> Option<String> {
        let mut broken = None;
        let has_ended = |t: &&Arc<Task>| t.status == TaskStatus::Stopped && !t.accounted;
        for task in tasks.before.iter().filter(has_ended) {
            let after = write.after.get::<Task>(&task.key());
            if after.is_some_and(|after| !after.accounted) {
                broken = Some(format!("(task {}) has stopped and nobody takes note", task.id));
            }
            let code = task.stop.as_ref().map(|stop| stop.code);
            if matches!(
                code,
                Some(StopCode::TaskFailedToStart | StopCode::EssentialContainerExited)
            ) {
                self.add(old, task);
            }
        }
        broken
    }

    /// Tasks that are stopped as they fail their checks. Those that do are stopped for nothing
    /// else while their deployment is under way, or it would not count.
    fn count_unhealthy(
        &mut self,
        write: &Write<'_>,
        old: &Service,
        new: &Service,
        tasks: &Tasks,
    ) -> Option<String> {
        let mut broken = None;
        let primary = under_way(old);
        let goes_on = primary.is_some_and(|p| under_way(new).is_some_and(|new| new.id == p.id));
        for task in tasks.stopped() {
            let after = tasks.after.iter().find(|after| after.id == task.id);
            let stop = after.and_then(|after| after.stop.as_ref());
            let says_so = stop.is_some_and(|stop| stop.reason.starts_with("Task failed"));
            let fails = fails_for_good(write.before, old, task, write.now);
            let is_of_primary = primary.is_some_and(|p| task.deployment.as_ref() == Some(&p.id));
            if says_so && !fails {
                broken = Some(format!("(task {}) is stopped as unhealthy and is not", task.id));
            }
            if fails && !says_so && is_of_primary && goes_on {
                broken = Some(format!("(task {}) is unhealthy and stopped for another", task.id));
            }
            if says_so && is_of_primary {
                self.add(old, task);
            }
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use neargate_api::types::ecs::{DeploymentConfiguration, ThresholdConfiguration};

    use super::*;

    /// The thresholds of services of 0, 1, 2, … tasks.
    fn thresholds(given: Option<(&str, i32)>) -> [u64; 6] {
        [0, 1, 4, 7, 25, 1000].map(|desired_count| {
            let world = crate::properties::tests::steady();
            let mut service = Service::clone(&world.service().expect("the service"));
            service.desired_count = desired_count;
            let threshold_configuration = given
                .map(|(r#type, value)| ThresholdConfiguration { r#type: r#type.into(), value });
            let breaker = DeploymentCircuitBreaker {
                enable: true,
                threshold_configuration,
                ..Default::default()
            };
            service.wire.deployment_configuration = Some(DeploymentConfiguration {
                deployment_circuit_breaker: Some(breaker),
                ..Default::default()
            });
            threshold(&service).expect("a breaker")
        })
    }

    #[test]
    fn as_the_api_reference_has_it() {
        assert_eq!(thresholds(None), [3, 3, 3, 4, 13, 200]);
        assert_eq!(thresholds(Some(("BOUNDED_PERCENT", 20))), [3, 3, 3, 3, 5, 200]);
        assert_eq!(thresholds(Some(("UNBOUNDED_PERCENT", 50))), [1, 1, 2, 4, 13, 500]);
        assert_eq!(thresholds(Some(("COUNT", 2))), [2; 6]);
    }
}
