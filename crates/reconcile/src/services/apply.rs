//! A plan put into effect. It is made anew inside of the transaction, from the
//! very state that it changes, so that nothing can have come between.

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_api::model::ecs::{
    CAPACITY_CODE, CAPACITY_UNAVAILABLE, Deployment, DeploymentStatus, EventKind, FARGATE_SPOT,
    RollbackMonitors, RolloutState, Said, Service, SpotShortage, Task, TaskDefinition, TaskTarget,
};
use neargate_api::{Record, Rng, Snapshot, Tags, Timestamp, Tx};
use neargate_plan::service::{Plan, Start, Stop, started, stopped};
use neargate_plan::{launch, placement, strategy};

use super::look::{is_over, service_key};
use super::past;
use super::view::ServiceView;

/// After a task had no place.
const PLACEMENT_RETRY_MS: i64 = 5000;

/// A service whose plan changes something, and what its tasks were when that was found.
pub struct Due {
    pub key: String,
    tasks: BTreeSet<String>,
    at: Snapshot,
}

impl Due {
    pub fn new(key: String, tasks: &BTreeSet<String>, at: &Snapshot) -> Due {
        Due { key, tasks: tasks.clone(), at: at.clone() }
    }

    /// The keys of its tasks as they are now.
    fn tasks(mut self, now: &Snapshot) -> BTreeSet<String> {
        for (old, new) in now.changed_since::<Task>(&self.at) {
            let gone = new.as_deref().is_none_or(is_over);
            let Some(task) = new.or(old) else { continue };
            if service_key(&task).as_ref() != Some(&self.key) {
                continue;
            }
            match gone {
                true => self.tasks.remove(&task.key()),
                false => self.tasks.insert(task.key()),
            };
        }
        self.tasks
    }
}

/// Plans the service once more and stores what follows; `account` is whose tasks start.
pub fn apply(tx: &mut Tx, due: Due, rng: &Rng, account: &str, now: Timestamp) {
    let Some(service) = tx.get::<Service>(&due.key) else { return };
    let tasks = due.tasks(tx.view());
    let view = ServiceView::of(tx.view(), &service, &tasks);
    let plan = view.plan(now);
    if !plan.changes_nothing(&service) {
        Applying { tx, rng, account, now }.put(Service::clone(&service), plan, &view.tasks);
    }
}

struct Applying<'a> {
    tx: &'a mut Tx,
    rng: &'a Rng,
    account: &'a str,
    now: Timestamp,
}

impl Applying<'_> {
    fn put(&mut self, mut service: Service, plan: Plan, tasks: &[Arc<Task>]) {
        let before = std::mem::replace(&mut service.deployments, plan.deployments);
        service.last_completed = plan.last_completed;
        service.status = plan.status;
        service.steady = plan.steady;
        service.rebalancing = plan.rebalancing;
        for id in &plan.account {
            let key = Task::key_of(&service.region, &service.cluster, id);
            self.tx.update::<Task>(&key, |task| task.accounted = true);
        }
        for id in &plan.proven {
            let key = Task::key_of(&service.region, &service.cluster, id);
            self.tx.update::<Task>(&key, |task| task.proven = true);
        }
        for (task_set, event) in plan.task_set_events {
            service.tell_of(&task_set, self.rng.uuid(), self.now, event);
        }
        for event in plan.events {
            self.tell(&mut service, event);
        }
        self.stop(&mut service, &plan.stop);
        let mut gone = plan.gone;
        if let Some(target) = plan.roll_back_to {
            self.roll_back(&mut service, &mut gone, &target);
        }
        if let Some(start) = plan.start {
            let stops = |task: &Task| plan.stop.iter().any(|stop| stop.task_id == task.id);
            let staying = tasks.iter().filter(|task| !stops(task)).cloned().collect();
            self.start(&mut service, &start, staying);
        }
        past::keep(self.tx, before, gone, &mut service);
        self.tx.put(service);
    }

    fn tell(&self, service: &mut Service, said: Said) {
        service.tell(self.rng.uuid(), self.now, said);
    }

    fn stop(&mut self, service: &mut Service, stops: &[Stop]) {
        for stop in stops {
            let key = Task::key_of(&service.region, &service.cluster, &stop.task_id);
            self.tx.update::<Task>(&key, |task| {
                task.request_stop(stop.code, stop.reason.clone(), self.now)
            });
        }
        for said in stopped(stops) {
            self.tell(service, said);
        }
    }

    /// A new primary deployment of what ran well before.
    fn roll_back(&mut self, service: &mut Service, gone: &mut [Deployment], target: &Deployment) {
        let id = format!("ecs-svc/{}", self.rng.digits(19));
        for old in service.deployments.iter_mut().chain(gone) {
            old.status = DeploymentStatus::Active;
            let rollback = old.monitors.rollback.as_mut();
            if let Some(rollback) = rollback.filter(|rollback| rollback.to == target.id) {
                rollback.to.clone_from(&id);
            }
        }
        let primary = Deployment {
            id,
            status: DeploymentStatus::Primary,
            rollout: RolloutState::InProgress,
            failed_tasks: 0,
            launch_failures: 0,
            next_launch_at: None,
            next_placement_at: None,
            monitors: RollbackMonitors { is_rollback: true, ..Default::default() },
            created_at: self.now,
            updated_at: self.now,
            ..target.clone()
        };
        service.wire.task_definition = Some(primary.task_definition_arn.clone());
        service.deployments.insert(0, primary);
        service.ignore_alarms(self.tx.view());
    }

    /// Starts tasks beside `fellows`, which stay.
    fn start(&mut self, service: &mut Service, start: &Start, mut fellows: Vec<Arc<Task>>) {
        let Some(deployment) =
            service.deployments.iter().find(|d| d.id == start.deployment).cloned()
        else {
            return;
        };
        let key = TaskDefinition::key_in(&service.region, &deployment.task_definition_arn);
        let Some(definition) = key.and_then(|key| self.tx.get::<TaskDefinition>(&key)) else {
            let why = "its task definition is not there any more";
            let kind = EventKind::ConfigurationFailed(why.into());
            let said = Said::new(kind, format!("was unable to place a task: {why}."));
            self.wait(service, &deployment.id, said);
            return;
        };
        let mut ids = Vec::new();
        // Those that Fargate Spot has no capacity for: nobody else takes their share.
        let mut short = 0;
        for _ in 0..start.count {
            let provider = provider(&deployment, &fellows, short);
            if SpotShortage::holds_back(self.tx.view(), provider.as_deref()) {
                short += 1;
                continue;
            }
            match self.one(service, &deployment, &definition, &fellows, (start, provider)) {
                Ok(task) => {
                    ids.push(task.id.clone());
                    self.tx.put(task.clone());
                    fellows.push(Arc::new(task));
                }
                Err(why) => {
                    let what = format!("was unable to place a task. Reason: {why}.");
                    let said = Said::new(EventKind::PlacementFailed(why), what);
                    self.wait(service, &deployment.id, said);
                    break;
                }
            }
        }
        if short > 0 {
            let what = match &start.zone {
                Some(zone) => format!("is unable to place a task in {zone}."),
                None => format!("was unable to place a task. Reason: {CAPACITY_UNAVAILABLE}."),
            };
            let said = Said::new(EventKind::PlacementFailed(CAPACITY_CODE.into()), what);
            self.wait(service, &deployment.id, said);
        }
        if !ids.is_empty() {
            let said = started(start, &ids);
            match deployment.task_set {
                Some(_) => service.tell_of(&deployment.id, self.rng.uuid(), self.now, said),
                None => self.tell(service, said),
            }
        }
    }

    /// Tells what is in the way, once, and looks for a place again in a while. Nothing is wrong
    /// with the tasks: the launch backoff has no part in it.
    fn wait(&self, service: &mut Service, deployment: &str, said: Said) {
        if !service.has_told(&said.what, self.now) {
            self.tell(service, said);
        }
        if let Some(waiting) = service.deployments.iter_mut().find(|d| d.id == deployment) {
            waiting.next_placement_at = Some(self.now.plus_millis(PLACEMENT_RETRY_MS));
        }
    }

    fn one(
        &self,
        service: &Service,
        deployment: &Deployment,
        definition: &TaskDefinition,
        fellows: &[Arc<Task>],
        (start, capacity_provider): (&Start, Option<String>),
    ) -> Result<Task, String> {
        let network = deployment.network.as_ref().map(|n| &n.0);
        let (region, zone) = (&service.region, start.zone.as_deref());
        let placement = placement::choose_in(zone, self.tx.view(), region, network, fellows)
            .map_err(|no_place| no_place.message())?;
        let balancers = service.load_balancers_of(deployment);
        let targets = balancers.into_iter().filter_map(|balancer| {
            Some(TaskTarget {
                target_group_arn: balancer.target_group_arn.clone()?,
                port: u16::try_from(balancer.container_port?).ok()?,
                registered: false,
            })
        });
        let seed = launch::Seed {
            account: self.account,
            cluster: &service.cluster,
            definition,
            service: Some((&service.name, &deployment.id)),
            group: format!("service:{}", service.name),
            started_by: Some(deployment.id.clone()),
            capacity_provider,
            platform_version: deployment.platform_version.clone(),
            placement,
            overrides: None,
            targets: targets.collect(),
            enable_execute_command: service.wire.enable_execute_command.unwrap_or(false),
            tags: tags(service, definition),
        };
        Ok(launch::task(seed, self.rng, self.now))
    }
}

fn tags(service: &Service, definition: &TaskDefinition) -> Tags {
    let mut tags = match service.wire.propagate_tags.as_deref() {
        Some("SERVICE") => service.tags.clone(),
        Some("TASK_DEFINITION") => definition.tags.clone(),
        _ => Tags::new(),
    };
    if service.wire.enable_ecs_managed_tags == Some(true) {
        tags.insert("aws:ecs:clusterName".into(), service.cluster.clone());
        tags.insert("aws:ecs:serviceName".into(), service.name.clone());
    }
    tags
}

/// The capacity provider of the next task of a deployment, of which Fargate Spot was short
/// for so many already.
fn provider(deployment: &Deployment, fellows: &[Arc<Task>], short: u32) -> Option<String> {
    let items: Vec<strategy::Item> = deployment
        .capacity_provider_strategy
        .iter()
        .map(|item| strategy::Item {
            provider: item.capacity_provider.clone(),
            base: item.base.unwrap_or(0).max(0) as u32,
            weight: item.weight.unwrap_or(0).max(0) as u32,
            tasks: fellows
                .iter()
                .filter(|t| {
                    t.is_wanted() && t.deployment.as_deref() == Some(deployment.id.as_str())
                })
                .filter(|t| t.wire.capacity_provider_name.as_ref() == Some(&item.capacity_provider))
                .count() as u32
                + if item.capacity_provider == FARGATE_SPOT { short } else { 0 },
        })
        .collect();
    strategy::choose(&items).map(str::to_owned)
}

#[cfg(test)]
mod tests;
