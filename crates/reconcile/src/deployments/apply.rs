//! A step put into effect: on the deployment, the service's task sets and the
//! listeners, all in one transaction. It is planned anew inside of it, from the very
//! state that it changes. A step that cannot be taken fails the deployment instead.

use neargate_api::model::codedeploy::{
    Deployment, DeploymentStatus, Failure, Stage, pending_events,
};
use neargate_api::model::ecs::{
    self, DeploymentStatus as TaskSetStatus, RolloutState, Service, TaskSet,
};
use neargate_api::model::elbv2::{Listener, Rule, rules_of};
use neargate_api::types::ecs as ecs_wire;
use neargate_api::{Cloud, Record, StoreError, Stored, Timestamp, Tx};
use neargate_plan::blue_green::{Action, Plan, fail, failure, seen_of, split};
use neargate_plan::launch::LATEST_PLATFORM;

use super::permissions::Role;
use crate::hands::Hands;

/// Takes the next step of the deployment at `key`.
pub async fn apply(hands: &Hands, key: String, now: Timestamp) -> Result<(), StoreError> {
    let cloud = hands.cloud.clone();
    let written = hands.cloud.store.write(move |tx| {
        let Some(deployment) = tx.get::<Deployment>(&key) else { return Ok(()) };
        let plan = super::next_step(tx.view(), &deployment, now);
        let plan = match check(&cloud, tx, &deployment, &plan, now) {
            Ok(()) => plan,
            Err(why) => fail(&deployment, why, now),
        };
        Applying { tx, cloud: &cloud, now }.put(plan);
        Ok(())
    });
    written.await
}

/// Whether every action of the step can be done, and the role may do it.
fn check(
    cloud: &Cloud,
    tx: &Tx,
    deployment: &Deployment,
    plan: &Plan,
    now: Timestamp,
) -> Result<(), Failure> {
    if plan.actions.iter().all(|action| *action == Action::RollBack) {
        return Ok(());
    }
    let role = Role::assume(cloud, tx.view(), deployment, now)?;
    for action in &plan.actions {
        role.check(action)?;
        if let Action::Route { listener, from, to, .. } = action
            && !is_routed(tx, listener, from, to)
        {
            return Err(failure(
                "ELASTIC_LOAD_BALANCING_INVALID",
                format!(
                    "The listener {listener} does not forward to one of the target groups {from} and {to}."
                ),
            ));
        }
    }
    Ok(())
}

fn is_routed(tx: &Tx, listener: &str, from: &str, to: &str) -> bool {
    let snapshot = tx.view();
    let default = snapshot.get::<Listener>(listener);
    default.is_some_and(|listener| split(&listener.actions, from, to, 0).is_some())
        || rules_of(snapshot, listener).iter().any(|r| split(&r.actions, from, to, 0).is_some())
}

struct Applying<'a> {
    tx: &'a mut Tx,
    cloud: &'a Cloud,
    now: Timestamp,
}

impl Applying<'_> {
    fn put(&mut self, plan: Plan) {
        let mut deployment = plan.deployment;
        for action in plan.actions {
            match action {
                Action::CreateTaskSet { target_group } => {
                    self.create_task_set(&mut deployment, &target_group);
                }
                Action::Route { listener, from, to, percent } => {
                    self.route(&listener, &from, &to, percent);
                }
                Action::MakePrimary { task_set } => self.make_primary(&deployment, &task_set),
                Action::DeleteTaskSet { task_set } => self.delete_task_set(&deployment, &task_set),
                Action::RollBack => self.roll_back(&mut deployment),
            }
        }
        self.tx.put(deployment);
    }

    fn on_service(&mut self, deployment: &Deployment, change: impl FnOnce(&mut Service)) {
        let key = Service::key_of(&deployment.region, &deployment.cluster, &deployment.service);
        self.tx.update::<Service>(&key, change);
    }

    fn create_task_set(&mut self, deployment: &mut Deployment, target_group: &str) {
        let id = format!("ecs-svc/{}", self.cloud.rng.digits(19));
        let (event_id, now) = (self.cloud.rng.uuid(), self.now);
        let mut made = None;
        self.on_service(deployment, |service| {
            let set = task_set(service, deployment, &id, target_group, now);
            made = Some(seen_of(service, &set, &[]));
            service.deployments.push(set);
            service.steady = false;
            let count = service.desired_count;
            let what = format!("updated computedDesiredCount for taskSet {id} to {count}.");
            service.tell(event_id, now, what);
        });
        deployment.replacement = made;
    }

    /// Everything of the listener that goes to one of the two target groups is split anew.
    fn route(&mut self, listener: &str, from: &str, to: &str, percent: u32) {
        self.tx.update::<Listener>(listener, |listener| {
            if let Some(actions) = split(&listener.actions, from, to, percent) {
                listener.actions = actions;
            }
        });
        for rule in rules_of(self.tx.view(), listener) {
            if let Some(actions) = split(&rule.actions, from, to, percent) {
                let key = rule.key();
                self.tx.update::<Rule>(&key, |rule| rule.actions = actions);
            }
        }
    }

    /// What is shown of a service is what its primary task set has.
    fn make_primary(&mut self, deployment: &Deployment, id: &str) {
        let now = self.now;
        self.on_service(deployment, |service| {
            let Some(at) = service.deployments.iter().position(|set| set.id == id) else { return };
            for set in &mut service.deployments {
                set.status = TaskSetStatus::Active;
            }
            let mut primary = service.deployments.remove(at);
            primary.status = TaskSetStatus::Primary;
            primary.updated_at = now;
            let balancers = primary.task_set.iter().flat_map(|set| set.load_balancers.iter());
            service.wire.load_balancers = Some(balancers.map(|b| b.0.clone()).collect());
            service.wire.network_configuration = primary.network.as_ref().map(|n| n.0.clone());
            service.last_completed = Some(primary.clone());
            service.deployments.insert(0, primary);
        });
    }

    fn delete_task_set(&mut self, deployment: &Deployment, id: &str) {
        let (event_id, now) = (self.cloud.rng.uuid(), self.now);
        self.on_service(deployment, |service| {
            let found = service.deployments.iter_mut().find(|set| set.id == id);
            let Some(set) = found else { return };
            let Some(state) = &mut set.task_set else { return };
            state.draining = true;
            set.updated_at = now;
            service.steady = false;
            let what = format!("updated computedDesiredCount for taskSet {id} to 0.");
            service.tell(event_id, now, what);
        });
    }

    /// A deployment of its own that undoes this one.
    fn roll_back(&mut self, deployment: &mut Deployment) {
        let id = format!("d-{}", self.cloud.rng.base32(9));
        let mut shown = deployment.shown.0.clone();
        shown.revision = shown.previous_revision.take();
        shown.description = None;
        let undoing = Deployment {
            id: id.clone(),
            status: DeploymentStatus::Created,
            stage: Stage::Restore,
            stage_since: self.now,
            roll_back_on_failure: false,
            roll_back_on_alarm: false,
            go_on: false,
            terminate_now: false,
            stop_requested: None,
            failure: None,
            rolled_back_by: None,
            rolls_back: Some(deployment.id.clone()),
            events: pending_events(),
            created_at: self.now,
            started_at: None,
            completed_at: None,
            updated_at: self.now,
            shown: Stored(shown),
            ..deployment.clone()
        };
        deployment.rolled_back_by = Some(id);
        self.tx.put(undoing);
    }
}

/// The replacement: what the AppSpec says, and the rest as the service has it.
fn task_set(
    service: &Service,
    deployment: &Deployment,
    id: &str,
    target_group: &str,
    now: Timestamp,
) -> ecs::Deployment {
    let spec = &deployment.spec;
    let balancer = ecs_wire::LoadBalancer {
        target_group_arn: Some(target_group.into()),
        container_name: Some(spec.container_name.clone()),
        container_port: Some(spec.container_port),
        ..Default::default()
    };
    let own = service.primary();
    let platform_version = match spec.platform_version.as_deref() {
        Some("LATEST" | "") => LATEST_PLATFORM.to_owned(),
        Some(version) => version.to_owned(),
        None => own.map_or_else(|| LATEST_PLATFORM.into(), |own| own.platform_version.clone()),
    };
    let launch_type = own.and_then(|own| own.launch_type.clone());
    ecs::Deployment {
        id: id.into(),
        status: TaskSetStatus::Active,
        task_definition_arn: spec.task_definition_arn.clone(),
        rollout: RolloutState::InProgress,
        rollout_reason: format!("CodeDeploy deployment {}", deployment.id),
        failed_tasks: 0,
        launch_failures: 0,
        next_launch_at: None,
        next_placement_at: None,
        images: Default::default(),
        monitors: Default::default(),
        created_at: now,
        updated_at: now,
        launch_type: launch_type.filter(|_| spec.capacity_provider_strategy.is_none()),
        capacity_provider_strategy: spec
            .capacity_provider_strategy
            .clone()
            .or_else(|| own.map(|own| own.capacity_provider_strategy.clone()))
            .unwrap_or_default(),
        platform_version,
        network: spec.network.clone().or_else(|| own.and_then(|own| own.network.clone())),
        task_set: Some(TaskSet {
            external_id: Some(deployment.id.clone()),
            load_balancers: vec![Stored(balancer)],
            draining: false,
            stable: false,
            stable_at: now,
        }),
    }
}
