//! The world of the scenarios: one service, and tasks that take a second from
//! start to PENDING and another to RUNNING and healthy. Those of `app:bad`
//! never start. It puts plans into effect as the service loop does.

mod acts;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use neargate_api_types::ecs;
use neargate_ids::{Rng, Timestamp};
use neargate_model::Tags;
use neargate_model::ecs::{
    Controller, Deployment, DeploymentStatus, Event, Placement, RolloutState, Service,
    ServiceStatus, StopCode, Task, TaskDefinition, TaskSet, TaskStatus, TaskTarget,
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
            monitoring: None,
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
