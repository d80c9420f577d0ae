//! A scenario from its beginning to its end: the faults stop at some time, the images are
//! mended, and from then on the service has to come to rest; then it is deleted, and nothing
//! may be left of it.

use std::sync::Arc;

use neargate_api::Rng;
use neargate_model::ec2::NetworkInterface;
use neargate_model::ecs::{RolloutState, Service, ServiceStatus, Task, TaskStatus};
use neargate_model::elbv2::Target;
use neargate_testkit as testkit;
use serde_json::json;

use crate::Outcome;
use crate::base::{self, REGION, ZONES};
use crate::properties::{bounds, is_healthy};
use crate::scenario::{Action, Faults, Scenario};
use crate::user::SERVICE;
use crate::world::{Event, World};

/// The longest backoff, and what a deployment of ten tasks may take after it. A clock that went
/// back, which no scenario does by more than seconds, is in it.
const REST_WITHIN_MS: i64 = (27 + 20) * 60_000;

/// How long a service that has come to rest is watched: nothing may move it.
const WATCHED_MS: i64 = 120_000;

/// Runs the scenario of a seed.
pub fn run(seed: u64) -> Outcome {
    let mut world = World::new(seed);
    let calm_at_ms = world.scenario.calm_at_ms;
    world.describe();
    let broken = world.pass(calm_at_ms).err();
    let broken = broken.or_else(|| world.come_to_rest().err());
    let broken = broken.or_else(|| world.go_away().err());
    if broken.is_some() {
        let standing = world.standing();
        world.tell("at last", &standing);
    }
    Outcome {
        seed,
        broken,
        writes: world.writes,
        crashes: world.crashes,
        tally: world.tally,
        lasted_ms: world.at_ms,
        chronicle: world.chronicle,
    }
}

/// Starts a service of so many tasks on a machine where all goes well. What it gives deploys the
/// service anew, and answers with how many writes that took.
///
/// # Panics
/// When the service does not come to rest.
pub fn roll(desired_count: u32) -> impl FnOnce() -> u64 {
    let scenario = Scenario {
        has_balancer: true,
        actions: vec![(DEPLOYED_MS, Action::Deploy { revision: 2 })],
        ..Scenario::plain(desired_count)
    };
    let mut world = World::of(scenario, Rng::seeded(1), 1);
    world.pass_well(DEPLOYED_MS - 1);
    move || {
        let before = world.writes;
        world.pass_well(DEPLOYED_MS + 90_000);
        world.writes - before
    }
}

/// When [`roll`] deploys.
const DEPLOYED_MS: i64 = 30_000;

impl World {
    fn describe(&mut self) {
        let scenario = self.scenario.clone();
        let told = format!(
            "{} tasks on {} within {:?} percent, {:?}, target group: {}, container check: {}, \
             {:?}, grace {} s, images {:?}, {:?}, calm at {} s",
            scenario.desired_count,
            scenario.providers(),
            scenario.percents,
            scenario.breaker,
            scenario.has_balancer,
            scenario.has_check,
            scenario.percent,
            scenario.grace_secs,
            scenario.images,
            scenario.faults,
            scenario.calm_at_ms / 1000,
        );
        self.tell("scenario", &told);
    }

    /// Lets everything happen until then.
    pub fn pass(&mut self, until_ms: i64) -> Result<(), String> {
        while self.step(until_ms) {
            self.unbroken()?;
        }
        Ok(())
    }

    /// The same where nothing goes wrong: at the end the service is at rest.
    fn pass_well(&mut self, until_ms: i64) {
        let passed = self.pass(until_ms);
        assert!(passed.is_ok() && self.is_at_rest(), "{passed:?}: {}", self.standing());
    }

    fn unbroken(&mut self) -> Result<(), String> {
        self.broken.take().map_or(Ok(()), Err)
    }

    /// Lets everything happen until `done`, at most so long.
    fn until(
        &mut self,
        within_ms: i64,
        what: &str,
        done: impl Fn(&World) -> bool,
    ) -> Result<(), String> {
        let until_ms = self.at_ms + within_ms;
        while !done(self) {
            if !self.step(until_ms) {
                return Err(format!("{what} was not so within {} s", within_ms / 1000));
            }
            self.unbroken()?;
        }
        Ok(())
    }

    /// Nothing goes wrong any more.
    fn calm(&mut self) {
        self.tell("scenario", "calm: nothing goes wrong any more");
        self.faults = Faults::default();
        self.is_mended = true;
        self.forget_plans();
        self.machine.mend(self.at_ms);
        self.restart();
        for target in self.store().snapshot().all::<Target>() {
            self.probe_soon(&target.ip);
        }
        for task in self.daemon.stories.keys().cloned().collect::<Vec<_>>() {
            self.after(1, Event::Check { key: task });
        }
        self.act(Action::Alarm { is_in_alarm: false });
        self.act(Action::Shortage { short: false });
    }

    /// The user puts right what only a user can: a service that is deleted, a deployment that has
    /// failed, and percentages that let nothing move.
    fn put_right(&mut self) {
        let Some(service) = self.service().filter(|s| s.status == ServiceStatus::Active) else {
            return self.create();
        };
        let (minimum, maximum) = bounds(&service);
        if service.desired_count > 0 && minimum >= maximum {
            self.act(Action::Percents { minimum: 0, maximum: 200 });
        }
        if service.primary().is_some_and(|primary| primary.rollout == RolloutState::Failed) {
            self.act(Action::Deploy { revision: 1 });
        }
    }

    fn come_to_rest(&mut self) -> Result<(), String> {
        self.calm();
        // What went wrong before is still being found out for a while.
        for _ in 0..3 {
            self.pass(self.at_ms + 60_000)?;
            self.put_right();
        }
        self.until(REST_WITHIN_MS, "the steady state", World::is_at_rest)?;
        let starts = self.store().snapshot().count::<Task>();
        self.pass(self.at_ms + WATCHED_MS)?;
        if !self.is_at_rest() || self.store().snapshot().count::<Task>() != starts {
            return Err("the steady state did not last".into());
        }
        self.have_all_ended()
    }

    /// Every deployment that is listed has ended, and the one that is wanted well.
    fn have_all_ended(&self) -> Result<(), String> {
        let input = json!({ "cluster": base::CLUSTER, "service": SERVICE });
        let call = testkit::call(&self.ctx, base::ecs(), "ListServiceDeployments", input);
        let listed = base::at_once(call).map_err(|refused| refused.message)?;
        let arns = testkit::texts(&listed, "serviceDeploymentArn");
        let statuses = testkit::texts(&listed, "status");
        let service = self.service().ok_or("the service is gone")?;
        let primary = service.primary().ok_or("no deployment is wanted")?;
        let id = primary.id.trim_start_matches("ecs-svc/");
        let is_wanted = |arn: &String| arn.ends_with(&format!("/{id}"));
        let wanted: Vec<_> = arns.iter().zip(&statuses).filter(|(arn, _)| is_wanted(arn)).collect();
        if !matches!(wanted[..], [(_, status)] if status == "SUCCESSFUL") {
            return Err(format!("of the wanted deployment is listed: {wanted:?}"));
        }
        let have_ended = ["SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"];
        match statuses.iter().find(|status| !have_ended.contains(&status.as_str())) {
            Some(status) => Err(format!("a deployment is {status} for ever: {listed}")),
            None => Ok(()),
        }
    }

    /// Whether the service is as it shall be.
    fn is_at_rest(&self) -> bool {
        let Some(service) = self.service() else { return false };
        let snapshot = self.store().snapshot();
        let left: Vec<_> =
            snapshot.all::<Task>().filter(|task| task.status != TaskStatus::Stopped).collect();
        let [deployment] = &service.deployments[..] else { return false };
        service.status == ServiceStatus::Active
            && service.steady
            && deployment.rollout == RolloutState::Completed
            && left.len() == service.desired_count as usize
            && left.iter().all(|task| is_healthy(&snapshot, task) && self.runs(task))
            && left.iter().all(|task| task.deployment.as_ref() == Some(&deployment.id))
            && (self.is_even(&left) || !self.can_be_evened(&service, &left))
    }

    /// Whether no availability zone has more than one task more than another.
    fn is_even(&self, tasks: &[Arc<Task>]) -> bool {
        let counts = ZONES.map(|letter| {
            let zone = format!("{REGION}{letter}");
            tasks.iter().filter(|task| task.placement.availability_zone == zone).count()
        });
        let most = counts.iter().max().expect("three zones");
        counts.iter().all(|count| count + 1 >= *most)
    }

    /// Whether the scheduler is to move tasks between zones, and may.
    fn can_be_evened(&self, service: &Service, tasks: &[Arc<Task>]) -> bool {
        let (_, maximum) = bounds(service);
        let now = self.now();
        service.wire.availability_zone_rebalancing.as_deref() == Some("ENABLED")
            && maximum > service.desired_count
            && tasks.iter().all(|task| task.protected_until.is_none_or(|until| until <= now))
    }

    /// Whether its container runs, whatever has been told of it.
    fn runs(&self, task: &Task) -> bool {
        self.machine.containers.get(&task.id).is_some_and(|container| container.runs())
    }

    /// How the service stands, for whoever wonders why it goes no further.
    fn standing(&self) -> String {
        let Some(service) = self.service() else { return "there is no service".into() };
        let mut told = format!("{} of {}", service.status.as_str(), service.desired_count);
        for d in &service.deployments {
            told.push_str(&format!(
                "\n  (deployment {}) {} {} with {} failed tasks: {}",
                d.id,
                d.status.as_str(),
                d.rollout.as_str(),
                d.failed_tasks,
                d.rollout_reason
            ));
        }
        for task in self.store().snapshot().all::<Task>() {
            if task.status != TaskStatus::Stopped {
                let deployment = task.deployment.as_deref().unwrap_or_default();
                let (status, health) = (task.status.as_str(), task.health().as_str());
                told.push_str(&format!("\n  (task {}) of {deployment} {status} {health}", task.id));
            }
        }
        told
    }

    /// Deletes the service: nothing may be left of it.
    fn go_away(&mut self) -> Result<(), String> {
        self.act(Action::Delete);
        let gone = |world: &World| {
            let inactive = |s: std::sync::Arc<_>| -> bool {
                let service: &neargate_model::ecs::Service = &s;
                service.status == ServiceStatus::Inactive
            };
            world.service().is_none_or(inactive)
        };
        self.until(180_000, "the end of the deleted service", gone)?;
        let snapshot = self.store().snapshot();
        let left = [
            ("tasks", snapshot.all::<Task>().filter(|t| t.status != TaskStatus::Stopped).count()),
            ("interfaces", snapshot.count::<NetworkInterface>()),
            ("targets", snapshot.count::<Target>()),
            ("containers", self.machine.containers.len()),
        ];
        match left.iter().find(|(_, count)| *count > 0) {
            Some((what, count)) => Err(format!("{count} {what} are left of the deleted service")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use neargate_api::{Record, Rng};
    use neargate_model::ecs::{Deployment, Rollback};

    use super::*;
    use crate::world::Who;

    /// What is said of a service at rest in whose deployments somebody changes this.
    fn listed(change: impl FnOnce(&mut Vec<Deployment>)) -> Result<(), String> {
        let mut world = World::of(Scenario::plain(2), Rng::seeded(1), 1);
        world.pass(40_000)?;
        assert!(world.is_at_rest());
        let key = world.service().expect("the service").key();
        let written = world.write(Who::User, |tx, _| {
            tx.update::<Service>(&key, |service| change(&mut service.deployments));
        });
        assert!(written.is_ok());
        world.have_all_ended()
    }

    #[test]
    fn a_deployment_that_is_listed_has_not_ended() {
        assert_eq!(listed(|_| {}), Ok(()));
        let goes_on = listed(|all| all[0].rollout = RolloutState::InProgress);
        assert!(goes_on.is_err_and(|why| why.contains("IN_PROGRESS")));
        let returns = listed(|all| {
            let mut failed = all[0].clone();
            failed.id = "ecs-svc/another".into();
            failed.rollout = RolloutState::Failed;
            failed.monitors.rollback = Some(Rollback {
                to: all[0].id.clone(),
                reason: String::new(),
                started_at: failed.created_at,
                has_succeeded: None,
            });
            all.push(failed);
        });
        assert!(returns.is_err_and(|why| why.contains("ROLLBACK_IN_PROGRESS")));
    }

    #[test]
    fn a_service_that_is_not_there_is_not_at_rest() {
        let world = World::of(Scenario::plain(2), Rng::seeded(1), 1);
        assert!(world.service().is_none() && !world.is_at_rest());
    }
}
