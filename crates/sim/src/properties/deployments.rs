//! How deployments end: each that fails does so for a cause, each cause fails it, and where that
//! is asked for the last one that completed comes back.

use std::collections::{BTreeMap, BTreeSet};

use neargate_api::{Record, Snapshot};
use neargate_model::cloudwatch::{Alarm, AlarmState};
use neargate_model::ecs::{
    Deployment, DeploymentStop, PastDeployment, RolloutState, Service, ServiceStatus,
};

use super::breaker::{Failures, breaker, threshold};
use super::{Tasks, Write, is_complete, under_way};
use crate::world::Who;

#[derive(Default)]
pub struct Deployments {
    failures: Failures,
    /// What may be gone back to, by the keys of services.
    last_completed: BTreeMap<String, Deployment>,
    /// Whether an alarm was on when a deployment began: then it is not watched for it.
    began_in_alarm: BTreeMap<String, bool>,
    /// Those that came back for one that failed: nothing comes back for them.
    returned: BTreeSet<String>,
}

/// What puts an end to a deployment.
#[derive(Debug)]
struct Cause {
    what: String,
    rolls_back: bool,
}

impl Deployments {
    pub fn check(
        &mut self,
        write: &Write<'_>,
        old: Option<&Service>,
        new: &Service,
        tasks: &Tasks,
    ) -> Option<String> {
        let Some(old) = old.filter(|old| old.status != ServiceStatus::Inactive) else {
            self.last_completed.remove(&new.key());
            self.note_beginning(None, new, write.after);
            return None;
        };
        let mut broken = None;
        if write.who == Who::Scheduler && new.status == ServiceStatus::Active {
            broken = self.failures.count(write, old, new, tasks);
            let ended = under_way(old).and_then(|primary| self.ended(write, old, new, primary));
            broken = broken.or(ended);
        }
        let moved = self.moved(write, old, new, tasks);
        self.note_beginning(Some(old), new, write.after);
        broken.or(moved)
    }

    /// What is left undone though the scheduler has looked.
    pub fn check_idle(&self, service: &Service, snapshot: &Snapshot) -> Option<String> {
        let primary = under_way(service)?;
        let cause = self.causes(service, primary, snapshot).into_iter().next()?;
        Some(format!("{} goes on: {}", primary.id, cause.what))
    }

    /// Takes note of the alarm when another deployment is wanted than before.
    fn note_beginning(&mut self, old: Option<&Service>, new: &Service, after: &Snapshot) {
        let Some(primary) = under_way(new) else { return };
        let was = old.and_then(Service::primary);
        if was.is_none_or(|was| was.id != primary.id) {
            self.began_in_alarm.insert(primary.id.clone(), is_in_alarm(new, after));
        }
    }

    /// Deployments only ever complete or fail, and complete when they are complete.
    fn moved(
        &mut self,
        write: &Write<'_>,
        old: &Service,
        new: &Service,
        tasks: &Tasks,
    ) -> Option<String> {
        for deployment in &new.deployments {
            let was = old.deployments.iter().find(|d| d.id == deployment.id);
            let was = was.map_or(RolloutState::InProgress, |was| was.rollout);
            match (was, deployment.rollout) {
                (before, after) if before == after => {}
                (RolloutState::InProgress, RolloutState::Completed) => {
                    if !is_complete(new, deployment, tasks, write.after) {
                        return Some(format!("{} is called complete and is not", deployment.id));
                    }
                    self.last_completed.insert(new.key(), deployment.clone());
                }
                // Looked at where deployments end.
                (RolloutState::InProgress, RolloutState::Failed)
                    if write.who == Who::Scheduler
                        && under_way(old).is_some_and(|p| p.id == deployment.id) => {}
                (RolloutState::Completed, RolloutState::InProgress)
                    if write.who == Who::Scheduler && self.returned.contains(&deployment.id) => {}
                (before, after) => {
                    return Some(format!("{} goes from {before:?} to {after:?}", deployment.id));
                }
            }
        }
        None
    }

    /// The breaker at its threshold, not before and not after; an alarm that went on since the
    /// deployment began; a user's stop.
    fn causes(&self, service: &Service, primary: &Deployment, snapshot: &Snapshot) -> Vec<Cause> {
        let mut causes = Vec::new();
        let failed = self.failures.of(&primary.id);
        if let Some(breaker) = breaker(service)
            && let Some(threshold) = threshold(service).filter(|threshold| failed >= *threshold)
        {
            let what = format!("{failed} tasks of it have failed, of {threshold}");
            causes.push(Cause { what, rolls_back: breaker.rollback });
        }
        let began_in_alarm = self.began_in_alarm.get(&primary.id).copied().unwrap_or(false);
        if let Some(alarms) = service.deployment_alarms()
            && is_in_alarm(service, snapshot)
            && !began_in_alarm
        {
            let what = "its alarm is on".into();
            causes.push(Cause { what, rolls_back: alarms.rollback });
        }
        if let Some(stop) = primary.monitors.stop {
            let what = "a user has stopped it".into();
            causes.push(Cause { what, rolls_back: stop == DeploymentStop::Rollback });
        }
        causes
    }

    /// What was under way fails if there is a cause, and else does not.
    fn ended(
        &mut self,
        write: &Write<'_>,
        old: &Service,
        new: &Service,
        primary: &Deployment,
    ) -> Option<String> {
        let id = &primary.id;
        let causes = self.causes(old, primary, write.before);
        let Some(stands) = as_it_stands(write.after, new, id) else {
            return Some(format!("{id} is gone and nobody knows how it ended"));
        };
        match (stands.rollout == RolloutState::Failed, causes.first()) {
            (true, None) => {
                let (failed, threshold) = (self.failures.of(id), threshold(old));
                Some(format!("{id} fails without a cause: {failed} failures of {threshold:?}"))
            }
            (false, Some(cause)) => Some(format!("{id} does not fail: {}", cause.what)),
            (true, Some(_)) => self.rolled_back(old, new, primary, &causes),
            (false, None) => None,
        }
    }

    /// What is wanted after a failure: the last deployment that completed, as itself while it
    /// stands, else anew; or nothing else, where no rollback is asked for or there is nothing to
    /// go back to. Of two causes that disagree either may have its way.
    fn rolled_back(
        &mut self,
        old: &Service,
        new: &Service,
        failed: &Deployment,
        causes: &[Cause],
    ) -> Option<String> {
        let Some(wanted) = new.primary() else { return Some("nothing is wanted any more".into()) };
        let target = self.last_completed.get(&new.key());
        let target = target.filter(|t| t.id != failed.id && !self.returned.contains(&failed.id));
        let comes_back = wanted.id != failed.id;
        let asked: Vec<bool> = causes.iter().map(|cause| cause.rolls_back).collect();
        let may_be = |rolls_back: bool| asked.contains(&rolls_back);
        let Some(target) = target.filter(|_| may_be(true)) else {
            return comes_back.then(|| format!("{} comes back and nobody asked for it", wanted.id));
        };
        if !comes_back {
            return (!may_be(false)).then(|| format!("{} does not come back", target.id));
        }
        let is_known = |id: &str| old.deployments.iter().any(|d| d.id == *id);
        let stands = |d: &Deployment| d.id == target.id && d.rollout == RolloutState::Completed;
        let is_it = match old.deployments.iter().any(stands) {
            true => wanted.id == target.id,
            false => !is_known(&wanted.id) && is_made_of_the_same(wanted, target),
        };
        if !is_it || wanted.rollout == RolloutState::Failed {
            return Some(format!(
                "{} comes back: the last that completed is {}",
                wanted.id, target.id
            ));
        }
        self.failures.begin_anew(&wanted.id);
        self.returned.insert(wanted.id.clone());
        None
    }
}

fn is_made_of_the_same(one: &Deployment, other: &Deployment) -> bool {
    one.task_definition_arn == other.task_definition_arn
        && one.capacity_provider_strategy == other.capacity_provider_strategy
        && one.network == other.network
        && one.images == other.images
}

/// A deployment, or what is kept of it.
fn as_it_stands(snapshot: &Snapshot, service: &Service, id: &str) -> Option<Deployment> {
    let of_service = service.deployments.iter().find(|d| d.id == id).cloned();
    let prefix = PastDeployment::prefix(&service.region, &service.cluster, &service.name);
    let past = || snapshot.get::<PastDeployment>(&format!("{prefix}{id}"));
    of_service.or_else(|| past().map(|past| past.deployment.clone()))
}

/// Whether one of the alarms that watch over its deployments is on.
fn is_in_alarm(service: &Service, snapshot: &Snapshot) -> bool {
    let names = service.deployment_alarms().map(|alarms| alarms.alarm_names.as_slice());
    let is_on = |name: &String| {
        let alarm = snapshot.get::<Alarm>(&Alarm::key_of(&service.region, name));
        alarm.is_some_and(|alarm| alarm.state == AlarmState::Alarm)
    };
    names.unwrap_or_default().iter().any(is_on)
}
