//! The world of the scenarios: one service, and tasks that take a second from
//! start to PENDING and another to RUNNING and healthy. Those of `app:bad`
//! never start. It puts plans into effect as the service loop does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use neargate_api_types::ecs;
use neargate_ids::{Rng, Timestamp};
use neargate_model::Tags;
use neargate_model::ecs::{
    Controller, Deployment, DeploymentStatus, DeploymentStop, Event, HealthStatus, Placement,
    RolloutState, Service, ServiceStatus, StopCode, Task, TaskDefinition, TaskSet, TaskStatus,
    TaskTarget,
};
use neargate_plan::launch;
use neargate_plan::service::{AlarmSeen, Plan, TargetHealth, View, plan, started, stopped};
use neargate_wire::{Described, Shape, Stored, read};

pub struct World {
    service: Service,
    tasks: Vec<Task>,
    now: Timestamp,
    story: Vec<String>,
    deployments: usize,
    mended: bool,
    was_steady: bool,
    alarms: Vec<AlarmSeen>,
    /// The zones of its subnets.
    zones: Vec<String>,
    /// Of each task, once the load balancer has said something.
    balanced: Option<BTreeMap<String, bool>>,
    /// Takes its time to stop.
    lingering: Option<String>,
    pub fewest_healthy_since_steady: usize,
}

fn deployment(number: usize, definition: &str, now: Timestamp) -> Deployment {
    Deployment {
        id: format!("d{number}"),
        status: DeploymentStatus::Primary,
        task_definition_arn: format!(
            "arn:aws:ecs:us-west-2:000000000000:task-definition/{definition}"
        ),
        rollout: RolloutState::InProgress,
        rollout_reason: String::new(),
        failed_tasks: 0,
        launch_failures: 0,
        next_launch_at: None,
        next_placement_at: None,
        created_at: now,
        updated_at: now,
        launch_type: Some("FARGATE".into()),
        capacity_provider_strategy: Vec::new(),
        platform_version: "1.4.0".into(),
        network: None,
        images: Default::default(),
        monitors: Default::default(),
        task_set: None,
    }
}

fn target() -> TaskTarget {
    TaskTarget { target_group_arn: "web".into(), port: 80, registered: true }
}

fn task_set(now: Timestamp) -> TaskSet {
    TaskSet {
        external_id: None,
        load_balancers: Vec::new(),
        draining: false,
        stable: false,
        stable_at: now,
    }
}

fn parsed(configuration: &str) -> ecs::DeploymentConfiguration {
    let schema = ecs::DeploymentConfiguration::SCHEMA;
    Shape::decode(read::json(schema, configuration.as_bytes()).expect("a configuration"))
}

impl World {
    pub fn new(desired_count: u32, deployment_configuration: &str) -> World {
        World::with_definition(desired_count, deployment_configuration, "app:1")
    }

    pub fn with_definition(desired_count: u32, configuration: &str, definition: &str) -> World {
        let wire = ecs::Service {
            deployment_configuration: Some(parsed(configuration)),
            ..Default::default()
        };
        let now = Timestamp(0);
        let service = Service {
            region: "us-west-2".into(),
            cluster: "c".into(),
            name: "s".into(),
            arn: String::new(),
            status: ServiceStatus::Active,
            controller: Controller::Ecs,
            desired_count,
            deployments: vec![deployment(1, definition, now)],
            last_completed: None,
            events: VecDeque::new(),
            steady: false,
            rebalancing: None,
            asked_for: None,
            created_at: now,
            deleted_at: None,
            wire: Stored(wire),
            tags: Tags::new(),
        };
        World {
            service,
            tasks: Vec::new(),
            now,
            story: Vec::new(),
            deployments: 1,
            mended: false,
            was_steady: false,
            alarms: Vec::new(),
            zones: Vec::new(),
            balanced: None,
            lingering: None,
            fewest_healthy_since_steady: usize::MAX,
        }
    }

    /// Lets `seconds` pass: each second the scheduler looks until it has nothing to do.
    pub fn run(&mut self, seconds: u32) {
        for _ in 0..seconds {
            for _ in 0..20 {
                if !self.schedule() {
                    break;
                }
            }
            self.observe();
            self.now = self.now.plus_secs(1);
            self.step();
        }
    }

    pub fn deploy(&mut self, definition: &str) {
        self.deployments += 1;
        for old in &mut self.service.deployments {
            old.status = DeploymentStatus::Active;
        }
        self.service.deployments.insert(0, deployment(self.deployments, definition, self.now));
        self.service.steady = false;
    }

    /// From now on CodeDeploy replaces its tasks: what it has is a task set.
    pub fn by_code_deploy(mut self) -> World {
        self.service.controller = Controller::CodeDeploy;
        for set in &mut self.service.deployments {
            set.task_set = Some(task_set(self.now));
        }
        self
    }

    /// A task set beside those that there are.
    pub fn add_task_set(&mut self, definition: &str) {
        self.deployments += 1;
        let made = deployment(self.deployments, definition, self.now);
        self.service.deployments.push(Deployment {
            status: DeploymentStatus::Active,
            task_set: Some(task_set(self.now)),
            ..made
        });
    }

    /// A task set goes.
    pub fn drain_task_set(&mut self, id: &str) {
        let set = self.service.deployments.iter_mut().find(|set| set.id == id);
        let state = set.and_then(|set| set.task_set.as_mut()).expect("a task set of this id");
        state.draining = true;
    }

    pub fn scale(&mut self, desired_count: u32) {
        self.service.desired_count = desired_count;
        self.service.steady = false;
    }

    pub fn delete(&mut self) {
        self.service.status = ServiceStatus::Draining;
    }

    /// From now on `app:bad` starts.
    pub fn mend(&mut self) {
        self.mended = true;
    }

    /// From now on `app:bad` does not start any more.
    pub fn unmend(&mut self) {
        self.mended = false;
    }

    /// The container health check of a task begins to fail.
    pub fn sicken(&mut self, id: &str) {
        self.task_mut(id).containers[0].health = Some(HealthStatus::Unhealthy);
    }

    /// From now on a load balancer checks its tasks; each is healthy when that is said.
    pub fn balanced(mut self, grace_secs: i32) -> World {
        self.service.wire.health_check_grace_period_seconds = Some(grace_secs);
        self.balanced = Some(BTreeMap::new());
        self
    }

    /// The load balancer finds a task healthy, or not.
    pub fn probe(&mut self, id: &str, healthy: bool) {
        self.balanced.get_or_insert_default().insert(id.into(), healthy);
    }

    fn target_health_of(&self, task: &Task) -> TargetHealth {
        match self.balanced.as_ref().map(|found| found.get(&task.id)) {
            None => TargetHealth::NotChecked,
            Some(None) => TargetHealth::Initial,
            Some(Some(true)) => TargetHealth::Healthy,
            Some(Some(false)) => TargetHealth::Unhealthy {
                target_group_arn: "web".into(),
                port: 80,
                reason: "Health checks failed with these codes: [503]".into(),
            },
        }
    }

    /// An alarm that watches over the deployments.
    pub fn alarm(&mut self, name: &str, is_in_alarm: bool) {
        self.alarms.retain(|alarm| alarm.name != name);
        self.alarms.push(AlarmSeen { name: name.into(), is_in_alarm, window_secs: 10 });
    }

    /// StopServiceDeployment of the deployment that is under way.
    pub fn stop_deployment(&mut self, stop: DeploymentStop) {
        self.service.deployments[0].monitors.stop = Some(stop);
    }

    /// UpdateTaskProtection, for so many seconds.
    pub fn protect(&mut self, id: &str, secs: i64) {
        let until = self.now.plus_secs(secs);
        self.task_mut(id).protected_until = Some(until);
    }

    /// It has subnets in these zones, and its tasks are moved between them.
    pub fn rebalanced(mut self, zones: &[&str]) -> World {
        self.zones = zones.iter().map(|zone| zone.to_string()).collect();
        self.service.wire.availability_zone_rebalancing = Some("ENABLED".into());
        self
    }

    /// Its tasks are not moved any more.
    pub fn stop_rebalancing(&mut self) {
        self.service.wire.availability_zone_rebalancing = Some("DISABLED".into());
    }

    /// A task is in this zone.
    pub fn place(&mut self, id: &str, zone: &str) {
        self.task_mut(id).placement.availability_zone = zone.into();
    }

    /// A task's essential container ends by itself.
    pub fn exit(&mut self, id: &str) {
        let now = self.now;
        let why = "Essential container in task exited";
        self.task_mut(id).request_stop(StopCode::EssentialContainerExited, why, now);
    }

    /// From now on this task, and none else, takes its time to stop.
    pub fn linger(&mut self, id: Option<&str>) {
        self.lingering = id.map(str::to_owned);
    }

    /// Another deployment configuration.
    pub fn configure(&mut self, configuration: &str) {
        self.service.wire.deployment_configuration = Some(parsed(configuration));
    }

    /// Each deployment's rollout state, and its reason.
    pub fn rollouts(&self) -> String {
        let line = |d: &Deployment| format!("{} {} {}", d.id, d.rollout.as_str(), d.rollout_reason);
        self.service.deployments.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn task_mut(&mut self, id: &str) -> &mut Task {
        self.tasks.iter_mut().find(|task| task.id == id).expect("a task of this id")
    }

    /// Events with their times, then the tasks that run.
    pub fn story(&self) -> String {
        let mut lines = self.story.clone();
        if self.service.status == ServiceStatus::Inactive {
            lines.push("INACTIVE".into());
        }
        let last =
            self.story.last().and_then(|line| line.split(' ').next()).unwrap_or("0s").to_owned();
        for task in self.tasks.iter().filter(|t| t.status != TaskStatus::Stopped) {
            let deployment = task.deployment.clone().unwrap_or_default();
            lines.push(format!("{last} {} {deployment} {}", task.id, task.status.as_str()));
        }
        lines.join("\n")
    }

    fn tell(&mut self, what: &str) {
        self.story.push(format!("{}s {what}", self.now.secs()));
    }

    fn observe(&mut self) {
        self.was_steady |= self.service.steady;
        if self.was_steady {
            let healthy = self.tasks.iter().filter(|t| t.status == TaskStatus::Running).count();
            self.fewest_healthy_since_steady = self.fewest_healthy_since_steady.min(healthy);
        }
    }

    fn schedule(&mut self) -> bool {
        let tasks: Vec<Arc<Task>> = self.tasks.iter().cloned().map(Arc::new).collect();
        let view = View {
            service: &self.service,
            tasks: &tasks,
            target_health: &|task| self.target_health_of(task),
            alarms: &self.alarms,
            zones: &self.zones,
        };
        let plan = plan(&view, self.now);
        if plan.changes_nothing(&self.service) {
            return false;
        }
        self.apply(plan);
        true
    }

    fn apply(&mut self, plan: Plan) {
        self.service.deployments = plan.deployments;
        self.service.last_completed = plan.last_completed;
        self.service.status = plan.status;
        self.service.steady = plan.steady;
        self.service.rebalancing = plan.rebalancing;
        let now = self.now;
        for task in &mut self.tasks {
            task.accounted |= plan.account.contains(&task.id);
            task.proven |= plan.proven.contains(&task.id);
            if let Some(stop) = plan.stop.iter().find(|stop| stop.task_id == task.id) {
                task.request_stop(stop.code, stop.reason.clone(), now);
            }
        }
        for (task_set, event) in &plan.task_set_events {
            self.tell(&format!("(taskSet {task_set}) {}", event.what));
        }
        for event in &plan.events {
            self.tell(&event.what);
            let (id, message, kind) = (String::new(), event.what.clone(), event.kind.clone());
            self.service.events.push_front(Event { id, at: now, message, kind });
        }
        for said in stopped(&plan.stop) {
            self.tell(&said.what);
        }
        if let Some(start) = plan.start {
            let first = self.tasks.len() + 1;
            let ids: Vec<String> =
                (first..first + start.count as usize).map(|n| format!("t{n}")).collect();
            for id in &ids {
                let mut task = self.task(id, &start.deployment);
                task.placement.availability_zone = start.zone.clone().unwrap_or_default();
                self.tasks.push(task);
            }
            self.tell(&started(&start, &ids).what);
        }
        if let Some(target) = plan.roll_back_to {
            let definition =
                target.task_definition_arn.rsplit('/').next().unwrap_or_default().to_owned();
            self.deploy(&definition);
            self.service.deployments[0].rollout_reason = target.rollout_reason;
        }
    }

    fn task(&self, id: &str, deployment: &str) -> Task {
        let arn = self
            .service
            .deployments
            .iter()
            .find(|d| d.id == deployment)
            .map(|d| d.task_definition_arn.clone())
            .expect("the plan starts tasks of a deployment that is there");
        let container = ecs::ContainerDefinition { name: Some("app".into()), ..Default::default() };
        let definition = TaskDefinition {
            region: "us-west-2".into(),
            family: "app".into(),
            revision: 1,
            arn,
            active: true,
            registered_at: self.now,
            deregistered_at: None,
            wire: Stored(ecs::TaskDefinition {
                container_definitions: Some(vec![container]),
                ..Default::default()
            }),
            tags: Tags::new(),
        };
        let seed = launch::Seed {
            account: "000000000000",
            cluster: "c",
            definition: &definition,
            service: Some(("s", deployment)),
            group: "service:s".into(),
            started_by: None,
            capacity_provider: None,
            platform_version: "1.4.0".into(),
            placement: Placement::default(),
            overrides: None,
            targets: self.balanced.iter().map(|_| target()).collect(),
            enable_execute_command: false,
            tags: Tags::new(),
        };
        Task { id: id.into(), ..launch::task(seed, &Rng::seeded(1), self.now) }
    }

    /// What happens to the tasks within a second.
    fn step(&mut self) {
        let now = self.now;
        for task in &mut self.tasks {
            let bad = task.task_definition_arn.ends_with(":bad") && !self.mended;
            let next = match task.status {
                TaskStatus::Stopped => continue,
                _ if task.stop.is_some() && self.lingering.as_ref() == Some(&task.id) => continue,
                _ if task.stop.is_some() => TaskStatus::Stopped,
                TaskStatus::Provisioning if bad => {
                    task.request_stop(StopCode::TaskFailedToStart, "no such image", now);
                    TaskStatus::Stopped
                }
                TaskStatus::Provisioning => TaskStatus::Pending,
                _ => TaskStatus::Running,
            };
            task.advance(next, now).expect("tasks move forward");
        }
    }
}
