//! Services, their deployments and events.
//!
//! ```text
//! deployment:  PRIMARY ──superseded──▶ ACTIVE ──no tasks left──▶ gone
//! rollout:     IN_PROGRESS ──▶ COMPLETED
//!                         └──▶ FAILED ──▶ (rollback: a new PRIMARY of the last completed)
//! ```

use std::collections::{BTreeMap, VecDeque};

use neargate_api_types::ecs;
use neargate_ids::Timestamp;
use neargate_store::{Record, Snapshot};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;
use crate::cloudwatch::{Alarm, AlarmState};

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
    /// Tries in a row whose tasks failed to start, which the launch backoff grows with.
    pub launch_failures: u32,
    /// No task is started before this.
    pub next_launch_at: Option<Timestamp>,
    /// There was no place for a task: none is looked for before this.
    #[serde(default)]
    pub next_placement_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Launch type or strategy, platform version and network, as given with it.
    pub launch_type: Option<String>,
    pub capacity_provider_strategy: Vec<Stored<ecs::CapacityProviderStrategyItem>>,
    pub platform_version: String,
    pub network: Option<Stored<ecs::NetworkConfiguration>>,
    /// By container: the digest that its image's tag stood for when the first task was started,
    /// and which all tasks run.
    #[serde(default)]
    pub images: BTreeMap<String, String>,
    /// What watches over it, and what that found.
    #[serde(default)]
    pub monitors: RollbackMonitors,
    /// What it has beyond that as a task set: in a service whose controller is CodeDeploy.
    #[serde(default)]
    pub task_set: Option<TaskSet>,
}

/// What may put an end to a deployment, beside the circuit breaker's count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RollbackMonitors {
    /// The alarms that were in ALARM when it began, which say nothing about it; `None` before
    /// anybody has looked.
    pub ignored_alarms: Option<Vec<String>>,
    /// Those that put an end to it.
    pub triggered_alarms: Vec<String>,
    /// Its tasks are there, and until then its alarms are watched.
    pub bakes_until: Option<Timestamp>,
    /// StopServiceDeployment was asked for.
    pub stop: Option<DeploymentStop>,
    /// It was given up for an earlier one.
    pub rollback: Option<Rollback>,
    /// It came back for one that failed: when it fails as well, nothing does.
    #[serde(default)]
    pub is_rollback: bool,
}

/// That a deployment shall stop, and whether the one before it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeploymentStop {
    Abort,
    Rollback,
}

/// What a deployment was given up for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// The deployment that it goes back to.
    pub to: String,
    pub reason: String,
    pub started_at: Timestamp,
    /// Whether that is complete; `None` while it is under way.
    pub has_succeeded: Option<bool>,
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

/// A deployment that has no tasks any more, as it ended: AWS goes on showing it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PastDeployment {
    pub region: String,
    pub cluster: String,
    pub service: String,
    pub deployment: Deployment,
}

impl Record for PastDeployment {
    const TABLE: &'static str = "ecs-past-deployments";

    fn key(&self) -> String {
        let prefix = PastDeployment::prefix(&self.region, &self.cluster, &self.service);
        format!("{prefix}{}", self.deployment.id)
    }
}

impl PastDeployment {
    /// The beginning of the keys of a service's.
    pub fn prefix(region: &str, cluster: &str, service: &str) -> String {
        format!("{}/", Service::key_of(region, cluster, service))
    }
}

/// A service event: what the scheduler did, or waits for, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub at: Timestamp,
    pub message: String,
    #[serde(default)]
    pub kind: EventKind,
}

/// What a service event tells, for whoever goes by more than its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    /// Nothing that anybody but its reader acts on.
    #[default]
    Plain,
    SteadyState,
    /// The same of one of its task sets, by its id.
    TaskSetSteadyState(String),
    /// By the ids of the tasks.
    TasksStopped(Vec<String>),
    /// To even out the availability zones.
    RebalancingTasksStarted(Vec<String>),
    RebalancingStarted,
    RebalancingCompleted,
    RebalancingStopped,
    /// Tasks of this task set, or deployment, are protected and cannot be stopped.
    ScaleInProtected(String),
    /// Tasks end before they run, time after time.
    StartImpaired,
    /// A task has no place, and why.
    PlacementFailed(String),
    /// A task cannot be made as it is configured, and why.
    ConfigurationFailed(String),
}

/// What a service event says, before it has its id and time; without the leading
/// `(service NAME)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub what: String,
    pub kind: EventKind,
}

impl Said {
    pub fn new(kind: EventKind, what: impl Into<String>) -> Said {
        Said { what: what.into(), kind }
    }
}

impl From<&str> for Said {
    fn from(what: &str) -> Said {
        Said::new(EventKind::Plain, what)
    }
}

impl From<String> for Said {
    fn from(what: String) -> Said {
        Said::new(EventKind::Plain, what)
    }
}

/// A request to create a service that carried a client token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedFor {
    pub client_token: String,
    pub task_definition_arn: String,
    pub desired_count: u32,
    /// As AWS would show it, without when and by whom.
    pub wire: Stored<ecs::Service>,
    pub tags: Tags,
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
    /// While its tasks are moved between availability zones: the desired count when that began.
    #[serde(default)]
    pub rebalancing: Option<u32>,
    /// What made its request unique, and what that asked for: a retry is told of this service.
    #[serde(default)]
    pub asked_for: Option<Box<AskedFor>>,
    /// How finely its use is told; AWS shows it with its revisions alone.
    #[serde(default)]
    pub monitoring: Option<Stored<ecs::MonitoringConfiguration>>,
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

    /// The circuit breaker, where it is enabled.
    pub fn circuit_breaker(&self) -> Option<&ecs::DeploymentCircuitBreaker> {
        let configuration = self.wire.deployment_configuration.as_ref()?;
        configuration.deployment_circuit_breaker.as_ref().filter(|breaker| breaker.enable)
    }

    /// The alarms that watch over its deployments, where there are any.
    pub fn deployment_alarms(&self) -> Option<&ecs::DeploymentAlarms> {
        let alarms = self.wire.deployment_configuration.as_ref()?.alarms.as_ref()?;
        Some(alarms).filter(|alarms| alarms.enable && !alarms.alarm_names.is_empty())
    }

    /// Its wanted deployment begins: alarms that are on already say nothing about it.
    pub fn ignore_alarms(&mut self, snapshot: &Snapshot) {
        let Some(alarms) = self.deployment_alarms() else { return };
        let is_on = |name: &&String| {
            let alarm = snapshot.get::<Alarm>(&Alarm::key_of(&self.region, name));
            alarm.is_some_and(|alarm| alarm.state == AlarmState::Alarm)
        };
        let on: Vec<String> = alarms.alarm_names.iter().filter(is_on).cloned().collect();
        if let Some(primary) = self.deployments.first_mut() {
            primary.monitors.ignored_alarms = Some(on);
        }
    }

    /// Notes what a container's image is throughout a deployment, unless that is known; answers
    /// with what is known.
    pub fn pin_image(&mut self, deployment: &str, container: &str, digest: &str) -> Option<String> {
        let all = self.deployments.iter_mut().chain(&mut self.last_completed);
        let mut pinned = None;
        for same in all.filter(|d| d.id == deployment) {
            let digest = pinned.get_or_insert_with(|| {
                same.images.get(container).cloned().unwrap_or_else(|| digest.to_owned())
            });
            same.images.insert(container.to_owned(), digest.clone());
        }
        pinned
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

    /// Whether an event that ends with these words stands for itself still: AWS does not say a
    /// thing again until its cause is over, or six hours have passed.
    pub fn has_told(&self, words: &str, now: Timestamp) -> bool {
        let since = now.plus_secs(-6 * 3600);
        let standing = self.events.iter().take_while(|event| event.at > since);
        standing
            .take_while(|event| event.kind != EventKind::SteadyState)
            .any(|event| event.message.ends_with(words))
    }

    /// Adds an event `(service NAME) …`; the oldest beyond the limit go.
    pub fn tell(&mut self, id: String, at: Timestamp, said: impl Into<Said>) {
        let Said { what, kind } = said.into();
        let message = format!("(service {}) {what}", self.name);
        self.note(Event { id, at, message, kind });
    }

    /// The same of one of its task sets: `(service NAME, taskSet ID) …`.
    pub fn tell_of(&mut self, task_set: &str, id: String, at: Timestamp, said: impl Into<Said>) {
        let Said { what, kind } = said.into();
        let message = format!("(service {}, taskSet {task_set}) {what}", self.name);
        self.note(Event { id, at, message, kind });
    }

    fn note(&mut self, event: Event) {
        self.events.push_front(event);
        self.events.truncate(EVENT_LIMIT);
    }
}
