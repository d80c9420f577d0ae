//! One look at the services, and what is remembered until the next: a service is planned
//! again when it, one of its tasks or one of their targets is another record than it was, or
//! when its last plan waits for an instant that has come. So a change of one service costs no
//! look at the others. All of them are looked at now and then all the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use neargate_api::model::cloudwatch::Alarm;
use neargate_api::model::ecs::{Service, ServiceStatus, Task, TaskStatus};
use neargate_api::model::elbv2::Target;
use neargate_api::{Record, Snapshot, Timestamp};

use super::apply::Due;
use super::view::ServiceView;

/// All services are looked at again after this.
const LONGEST_WAIT_MS: i64 = 10_000;

/// After a plan that the store did not take.
const RETRY_MS: i64 = 1000;

/// The loop's memory.
#[derive(Default)]
pub struct Scheduler {
    seen: Option<Snapshot>,
    looked_at: Timestamp,
    /// When all services are looked at.
    all_at: Timestamp,
    services: BTreeMap<String, Known>,
    /// Those whose deployments are watched over by alarms.
    watching: BTreeSet<String>,
    /// Whose task each target is.
    service_of_target: HashMap<String, String>,
    /// The instants that plans wait for.
    wakes: BTreeSet<(Timestamp, String)>,
    /// What they wait for, for people, by their keys.
    waits_for: BTreeMap<String, Vec<String>>,
}

/// What is known of a service.
#[derive(Default)]
struct Known {
    /// The keys of its tasks, but for those that are over.
    tasks: BTreeSet<String>,
    wake_at: Option<Timestamp>,
}

/// What a look has found.
pub struct Look {
    /// The services whose plans change something.
    pub due: Vec<Due>,
    /// What services wait for, for people: each line begins with its service's key, as two
    /// clusters may have services of one name.
    pub waits_for: Vec<String>,
}

impl Scheduler {
    /// Whether there is anything to look at: changes of other tables are no reason.
    pub fn is_due(&self, snapshot: &Snapshot, now: Timestamp) -> bool {
        let differs = |seen: &Snapshot| {
            seen.version() != snapshot.version() && versions(seen) != versions(snapshot)
        };
        let changed = self.seen.as_ref().is_none_or(differs);
        changed || self.look_at() <= now || now < self.looked_at
    }

    /// When to look again even if nothing changes.
    pub fn look_at(&self) -> Timestamp {
        let first = self.wakes.first().map_or(self.all_at, |(at, _)| *at);
        first.min(self.all_at).max(self.looked_at.plus_millis(1))
    }

    /// Looks at what has changed since the last look, and at what is due.
    pub fn look(&mut self, snapshot: &Snapshot, now: Timestamp) -> Look {
        let mut to_plan = self.catch_up(snapshot);
        // A clock that went back has no use for what was waited for.
        if now >= self.all_at || now < self.looked_at {
            to_plan.extend(self.services.keys().cloned());
            self.all_at = now.plus_millis(LONGEST_WAIT_MS);
        }
        to_plan.extend(self.wakes.iter().take_while(|(at, _)| *at <= now).map(|(_, k)| k.clone()));
        self.looked_at = now;
        let due = to_plan.into_iter().filter_map(|key| self.plan(snapshot, key, now)).collect();
        Look { due, waits_for: self.waits_for.values().flatten().cloned().collect() }
    }

    /// The store did not take what was due: it is looked at again in a while.
    pub fn failed(&mut self, key: &str, now: Timestamp) {
        self.wake(key, Some(now.plus_millis(RETRY_MS)));
    }

    /// Takes note of everything that has changed; answers with the services concerned.
    fn catch_up(&mut self, snapshot: &Snapshot) -> BTreeSet<String> {
        let mut concerned = BTreeSet::new();
        let seen = self.seen.replace(snapshot.clone()).unwrap_or_else(|| snapshot.emptied());
        for (old, new) in snapshot.changed_since::<Service>(&seen) {
            let Some(service) = new.or(old) else { continue };
            self.services.entry(service.key()).or_default();
            match service.deployment_alarms() {
                Some(_) => self.watching.insert(service.key()),
                None => self.watching.remove(&service.key()),
            };
            concerned.insert(service.key());
        }
        if snapshot.changed_since::<Alarm>(&seen).next().is_some() {
            concerned.extend(self.watching.iter().cloned());
        }
        for (old, new) in snapshot.changed_since::<Task>(&seen) {
            concerned.extend(self.note_task(old.as_deref(), new.as_deref()));
        }
        for (old, new) in snapshot.changed_since::<Target>(&seen) {
            let key = new.or(old).map(|target| target.key()).unwrap_or_default();
            concerned.extend(self.service_of_target.get(&key).cloned());
        }
        concerned
    }

    fn note_task(&mut self, old: Option<&Task>, new: Option<&Task>) -> Option<String> {
        let task = new.or(old)?;
        let service = service_key(task)?;
        for target in old.into_iter().flat_map(target_keys) {
            self.service_of_target.remove(&target);
        }
        let known = self.services.entry(service.clone()).or_default();
        match new.filter(|task| !is_over(task)) {
            Some(task) => {
                known.tasks.insert(task.key());
                let targets = target_keys(task).map(|target| (target, service.clone()));
                self.service_of_target.extend(targets);
            }
            None => {
                known.tasks.remove(&task.key());
            }
        }
        Some(service)
    }

    fn plan(&mut self, snapshot: &Snapshot, key: String, now: Timestamp) -> Option<Due> {
        self.wake(&key, None);
        self.waits_for.remove(&key);
        let service = snapshot.get::<Service>(&key);
        let Some(service) = service.filter(|s| s.status != ServiceStatus::Inactive) else {
            if self.services.get(&key).is_some_and(|known| known.tasks.is_empty()) {
                self.services.remove(&key);
            }
            return None;
        };
        let tasks = &self.services.get(&key)?.tasks;
        let plan = ServiceView::of(snapshot, &service, tasks).plan(now);
        let changes = !plan.changes_nothing(&service);
        let due = changes.then(|| Due::new(key.clone(), tasks, snapshot));
        if !plan.waits_for.is_empty() {
            let told = plan.waits_for.iter().map(|what| format!("{key}: {what}"));
            self.waits_for.insert(key.clone(), told.collect());
        }
        self.wake(&key, plan.wake_at);
        due
    }

    fn wake(&mut self, key: &str, at: Option<Timestamp>) {
        let Some(known) = self.services.get_mut(key) else { return };
        if let Some(before) = std::mem::replace(&mut known.wake_at, at) {
            self.wakes.remove(&(before, key.to_owned()));
        }
        self.wakes.extend(at.map(|at| (at, key.to_owned())));
    }
}

fn versions(snapshot: &Snapshot) -> [u64; 4] {
    [
        snapshot.version_of::<Alarm>(),
        snapshot.version_of::<Service>(),
        snapshot.version_of::<Task>(),
        snapshot.version_of::<Target>(),
    ]
}

/// Whether nothing follows from a task any more: it has stopped, and that is taken note of.
pub fn is_over(task: &Task) -> bool {
    task.status == TaskStatus::Stopped && task.accounted
}

/// The service that a task belongs to, by its key.
pub fn service_key(task: &Task) -> Option<String> {
    let name = task.service.as_deref()?;
    Some(Service::key_of(&task.region, &task.cluster, name))
}

fn target_keys(task: &Task) -> impl Iterator<Item = String> {
    let ip = task.private_ip.as_deref();
    let of = move |ip: &str, t: &neargate_api::model::ecs::TaskTarget| {
        Target::key_of(&t.target_group_arn, ip, t.port)
    };
    task.targets.iter().filter_map(move |target| Some(of(ip?, target)))
}

#[cfg(test)]
mod tests;
