//! Services, their deployments and events.
//!
//! ```text
//! deployment:  PRIMARY ──superseded──▶ ACTIVE ──no tasks left──▶ gone
//! rollout:     IN_PROGRESS ──▶ COMPLETED
//!                         └──▶ FAILED ──▶ (rollback: a new PRIMARY of the last completed)
//! ```

use std::collections::VecDeque;

use neargate_api_types::ecs;
use neargate_ids::Timestamp;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// Events that a service keeps.
pub const EVENT_LIMIT: usize = 100;

/// A service's own state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServiceStatus {
    Active,
    /// Deleted, and its tasks are still stopping.
    Draining,
    /// Deleted; shown for a while.
    Inactive,
}

impl ServiceStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceStatus::Active => "ACTIVE",
            ServiceStatus::Draining => "DRAINING",
            ServiceStatus::Inactive => "INACTIVE",
        }
    }
}

/// Who replaces a service's tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Controller {
    Ecs,
    CodeDeploy,
    External,
}

/// Whether a deployment is the wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeploymentStatus {
    Primary,
    Active,
}

impl DeploymentStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            DeploymentStatus::Primary => "PRIMARY",
            DeploymentStatus::Active => "ACTIVE",
        }
    }
}

/// How far a deployment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

impl RolloutState {
    pub fn as_str(self) -> &'static str {
        match self {
            RolloutState::InProgress => "IN_PROGRESS",
            RolloutState::Completed => "COMPLETED",
            RolloutState::Failed => "FAILED",
        }
    }
}

/// One deployment of a service: a task definition and how to run it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// `ecs-svc/` and 19 digits.
    pub id: String,
    pub status: DeploymentStatus,
    pub task_definition_arn: String,
    pub rollout: RolloutState,
    pub rollout_reason: String,
    /// Tasks of it that failed to become and stay healthy, as the circuit breaker counts them.
    pub failed_tasks: u32,
    /// Failures to start in a row, which the launch backoff grows with.
    pub launch_failures: u32,
    /// No task is started before this.
    pub next_launch_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Launch type or strategy, platform version and network, as given with it.
    pub launch_type: Option<String>,
    pub capacity_provider_strategy: Vec<Stored<ecs::CapacityProviderStrategyItem>>,
    pub platform_version: String,
    pub network: Option<Stored<ecs::NetworkConfiguration>>,
    /// What it has beyond that as a task set: in a service whose controller is CodeDeploy.
    #[serde(default)]
    pub task_set: Option<TaskSet>,
}

/// A deployment that stands for itself: it has tasks, and target groups for them, beside
/// those of its service's other task sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSet {
    /// The deployment of CodeDeploy that made it; none made the first.
    pub external_id: Option<String>,
    pub load_balancers: Vec<Stored<ecs::LoadBalancer>>,
    /// It goes: its tasks stop.
    pub draining: bool,
    /// Whether it has its tasks and they are healthy, and since when it is or is not so.
    pub stable: bool,
    pub stable_at: Timestamp,
}

/// A service event: what the scheduler did, or waits for, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub at: Timestamp,
    pub message: String,
}

/// A service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Service {
    pub region: String,
    pub cluster: String,
    pub name: String,
    pub arn: String,
    pub status: ServiceStatus,
    pub controller: Controller,
    pub desired_count: u32,
    /// Newest first; the first is the PRIMARY.
    pub deployments: Vec<Deployment>,
    /// The task definition of the last deployment that completed: what a rollback goes back to.
    pub last_completed: Option<Deployment>,
    /// Newest first.
    pub events: VecDeque<Event>,
    /// Whether the steady state has been told since the last change.
    pub steady: bool,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    /// Everything that was given and is shown back, but for the fields above.
    pub wire: Stored<ecs::Service>,
    pub tags: Tags,
}

impl Record for Service {
    const TABLE: &'static str = "ecs-services";

    fn key(&self) -> String {
        Service::key_of(&self.region, &self.cluster, &self.name)
    }
}

impl Service {
    pub fn key_of(region: &str, cluster: &str, name: &str) -> String {
        format!("{region}/{cluster}/{name}")
    }

    /// The name within a service's name or ARN.
    pub fn name_in(reference: &str) -> &str {
        reference.rsplit('/').next().unwrap_or(reference)
    }

    /// The wanted deployment.
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|d| d.status == DeploymentStatus::Primary)
    }

    /// Percentages of the desired count, with AWS's defaults: minimum healthy, maximum.
    pub fn percents(&self) -> (u32, u32) {
        let configuration = self.wire.deployment_configuration.as_ref();
        let percent = |value: Option<i32>, default: u32| value.map_or(default, |v| v.max(0) as u32);
        (
            percent(configuration.and_then(|c| c.minimum_healthy_percent), 100),
            percent(configuration.and_then(|c| c.maximum_percent), 200),
        )
    }

    /// The circuit breaker: enabled, and whether it rolls back.
    pub fn circuit_breaker(&self) -> Option<bool> {
        let breaker =
            self.wire.deployment_configuration.as_ref()?.deployment_circuit_breaker.as_ref()?;
        breaker.enable.then_some(breaker.rollback)
    }

    /// How many tasks a deployment shall have: all, unless it is a task set that goes.
    pub fn computed_desired_count(&self, deployment: &Deployment) -> u32 {
        let draining = deployment.task_set.as_ref().is_some_and(|set| set.draining);
        if draining { 0 } else { self.desired_count }
    }

    /// The load balancers that a deployment's tasks register with.
    pub fn load_balancers_of<'a>(
        &'a self,
        deployment: &'a Deployment,
    ) -> Vec<&'a ecs::LoadBalancer> {
        match &deployment.task_set {
            Some(set) => set.load_balancers.iter().map(|balancer| &balancer.0).collect(),
            None => self.wire.load_balancers.iter().flatten().collect(),
        }
    }

    /// Adds an event `(service NAME) …`; the oldest beyond the limit go.
    pub fn tell(&mut self, id: String, at: Timestamp, what: &str) {
        let message = format!("(service {}) {what}", self.name);
        self.note(Event { id, at, message });
    }

    /// The same of one of its task sets: `(service NAME, taskSet ID) …`.
    pub fn tell_of(&mut self, task_set: &str, id: String, at: Timestamp, what: &str) {
        let message = format!("(service {}, taskSet {task_set}) {what}", self.name);
        self.note(Event { id, at, message });
    }

    fn note(&mut self, event: Event) {
        self.events.push_front(event);
        self.events.truncate(EVENT_LIMIT);
    }
}
