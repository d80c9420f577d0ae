//! Tasks and their containers.
//!
//! ```text
//! PROVISIONING ─▶ PENDING ─▶ ACTIVATING ─▶ RUNNING ─▶ DEACTIVATING ─▶ STOPPING ─▶ DEPROVISIONING ─▶ STOPPED
//!      └───────────┴────────────┴───────────────────────▶ (a task that cannot start goes on from here) ─▶
//! ```
//! A task only ever moves to the right, and may skip states.

use neargate_api_types::ecs;
use neargate_ids::Timestamp;
use neargate_store::{Record, Tx};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The states of a task, in their order.
/// Source: "Task lifecycle" in the ECS developer guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TaskStatus {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

impl TaskStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            TaskStatus::Provisioning => "PROVISIONING",
            TaskStatus::Pending => "PENDING",
            TaskStatus::Activating => "ACTIVATING",
            TaskStatus::Running => "RUNNING",
            TaskStatus::Deactivating => "DEACTIVATING",
            TaskStatus::Stopping => "STOPPING",
            TaskStatus::Deprovisioning => "DEPROVISIONING",
            TaskStatus::Stopped => "STOPPED",
        }
    }
}

/// A container's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainerStatus {
    Pending,
    Running,
    Stopped,
}

impl ContainerStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            ContainerStatus::Pending => "PENDING",
            ContainerStatus::Running => "RUNNING",
            ContainerStatus::Stopped => "STOPPED",
        }
    }
}

/// What health checks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthStatus {
    Unknown,
    Healthy,
    Unhealthy,
}

impl HealthStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            HealthStatus::Unknown => "UNKNOWN",
            HealthStatus::Healthy => "HEALTHY",
            HealthStatus::Unhealthy => "UNHEALTHY",
        }
    }
}

/// Why a task was stopped, in AWS's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopCode {
    TaskFailedToStart,
    EssentialContainerExited,
    UserInitiated,
    ServiceSchedulerInitiated,
    SpotInterruption,
    /// What it ran on is gone.
    TerminationNotice,
}

impl StopCode {
    pub fn as_str(self) -> &'static str {
        match self {
            StopCode::TaskFailedToStart => "TaskFailedToStart",
            StopCode::EssentialContainerExited => "EssentialContainerExited",
            StopCode::UserInitiated => "UserInitiated",
            StopCode::ServiceSchedulerInitiated => "ServiceSchedulerInitiated",
            StopCode::SpotInterruption => "SpotInterruption",
            StopCode::TerminationNotice => "TerminationNotice",
        }
    }
}

/// That a task shall stop, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRequest {
    pub code: StopCode,
    pub reason: String,
    pub at: Timestamp,
}

/// That Fargate Spot takes a task's capacity back: the notice, and what is left from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotInterruption {
    pub noticed_at: Timestamp,
    /// From the notice to the end of the capacity, by the machine's time: two minutes on AWS.
    pub left_ms: i64,
}

/// Where a task's network interface goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    pub vpc_id: String,
    pub subnet_id: String,
    pub availability_zone: String,
    pub security_group_ids: Vec<String>,
    pub assign_public_ip: bool,
}

/// A target group that a task registers with while it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskTarget {
    pub target_group_arn: String,
    pub port: u16,
    /// Whether it is registered now.
    pub registered: bool,
}

/// One container of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    pub name: String,
    pub arn: String,
    pub runtime_id: String,
    pub image: String,
    pub image_digest: Option<String>,
    pub essential: bool,
    pub cpu: u32,
    pub memory: Option<u32>,
    pub memory_reservation: Option<u32>,
    pub status: ContainerStatus,
    pub exit_code: Option<i32>,
    pub reason: Option<String>,
    /// When its present process began.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// How often its restart policy has started it again.
    #[serde(default)]
    pub restarts: u32,
    /// `None`: it has no health check.
    pub health: Option<HealthStatus>,
}

/// A task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    pub region: String,
    pub cluster: String,
    /// 32 hexadecimal digits.
    pub id: String,
    pub arn: String,
    pub task_definition_arn: String,
    /// The service that started it, by name.
    pub service: Option<String>,
    /// That service's deployment.
    pub deployment: Option<String>,
    pub status: TaskStatus,
    /// Set once it shall stop; AWS shows it as desired status STOPPED.
    pub stop: Option<StopRequest>,
    /// Set with `stop` when it is Fargate Spot that stops it.
    #[serde(default)]
    pub interruption: Option<SpotInterruption>,
    pub placement: Placement,
    pub interface_id: Option<String>,
    pub private_ip: Option<String>,
    pub task_role_arn: Option<String>,
    pub execution_role_arn: Option<String>,
    pub containers: Vec<Container>,
    pub targets: Vec<TaskTarget>,
    pub created_at: Timestamp,
    pub pull_started_at: Option<Timestamp>,
    pub pull_stopped_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub stopping_at: Option<Timestamp>,
    pub execution_stopped_at: Option<Timestamp>,
    pub stopped_at: Option<Timestamp>,
    /// Whether its service's scheduler has taken note of its end.
    pub accounted: bool,
    /// Whether its service's scheduler has seen it healthy.
    #[serde(default)]
    pub proven: bool,
    /// No scaling in and no deployment stops it before this.
    #[serde(default)]
    pub protected_until: Option<Timestamp>,
    /// Counts the changes, from 1, as AWS's events show it.
    pub version: i64,
    /// What its request was made unique by.
    #[serde(default)]
    pub client_token: Option<String>,
    /// What that request asked for: a retry that asks for something else is refused.
    #[serde(default)]
    pub asked_for: Option<Stored<ecs::RunTaskRequest>>,
    /// Launch type, overrides, platform and what else was given, as AWS shows it.
    pub wire: Stored<ecs::Task>,
    pub tags: Tags,
}

/// A transition that a task cannot make.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("task {id} is {from} and cannot become {to}", from = .from.as_str(), to = .to.as_str())]
pub struct Refused {
    pub id: String,
    pub from: TaskStatus,
    pub to: TaskStatus,
}

impl Record for Task {
    const TABLE: &'static str = "ecs-tasks";

    fn key(&self) -> String {
        Task::key_of(&self.region, &self.cluster, &self.id)
    }
}

impl Task {
    pub fn key_of(region: &str, cluster: &str, id: &str) -> String {
        format!("{region}/{cluster}/{id}")
    }

    /// The id within a task's id or ARN.
    pub fn id_in(reference: &str) -> &str {
        reference.rsplit('/').next().unwrap_or(reference)
    }

    /// Moves to a later state and notes when; staying is no change.
    pub fn advance(&mut self, to: TaskStatus, now: Timestamp) -> Result<(), Refused> {
        if to < self.status {
            return Err(Refused { id: self.id.clone(), from: self.status, to });
        }
        if to == self.status {
            return Ok(());
        }
        self.status = to;
        self.version += 1;
        match to {
            TaskStatus::Running => self.started_at = Some(now),
            TaskStatus::Deactivating | TaskStatus::Stopping => {
                self.stopping_at.get_or_insert(now);
            }
            TaskStatus::Deprovisioning => {
                self.stopping_at.get_or_insert(now);
                self.execution_stopped_at.get_or_insert(now);
            }
            TaskStatus::Stopped => self.stopped_at = Some(now),
            _ => {}
        }
        Ok(())
    }

    /// Asks it to stop; the first reason stands.
    pub fn request_stop(&mut self, code: StopCode, reason: impl Into<String>, now: Timestamp) {
        if self.stop.is_none() && self.status != TaskStatus::Stopped {
            self.stop = Some(StopRequest { code, reason: reason.into(), at: now });
            self.version += 1;
        }
    }

    /// Fargate Spot takes its capacity back: it is asked to stop, for AWS's reason.
    pub fn interrupt(&mut self, left_ms: i64, now: Timestamp) {
        self.request_stop(StopCode::SpotInterruption, "Your Spot Task was interrupted.", now);
        self.interruption.get_or_insert(SpotInterruption { noticed_at: now, left_ms });
    }

    /// Whether it runs or is on its way there.
    pub fn is_wanted(&self) -> bool {
        self.stop.is_none() && self.status < TaskStatus::Deactivating
    }

    /// Whether it is protected from scaling in at this instant.
    pub fn is_protected(&self, now: Timestamp) -> bool {
        self.protected_until.is_some_and(|until| until > now)
    }

    /// The health that ECS shows: UNHEALTHY if an essential container's check fails,
    /// HEALTHY once all that have one pass, else UNKNOWN.
    pub fn health(&self) -> HealthStatus {
        let checks = || self.containers.iter().filter(|c| c.essential).filter_map(|c| c.health);
        if checks().any(|h| h == HealthStatus::Unhealthy) {
            HealthStatus::Unhealthy
        } else if checks().count() > 0 && checks().all(|h| h == HealthStatus::Healthy) {
            HealthStatus::Healthy
        } else {
            HealthStatus::Unknown
        }
    }

    /// `ip-10-0-1-5.us-west-2.compute.internal`, as what has an address in a VPC is called.
    pub fn private_dns_name(&self) -> String {
        let ip = self.private_ip.as_deref().unwrap_or_default().replace('.', "-");
        format!("ip-{ip}.{}", self.private_domain())
    }

    /// The domain of such names.
    pub fn private_domain(&self) -> String {
        match self.region.as_str() {
            "us-east-1" => "ec2.internal".into(),
            region => format!("{region}.compute.internal"),
        }
    }

    /// The container of this name.
    pub fn container_mut(&mut self, name: &str) -> Option<&mut Container> {
        self.containers.iter_mut().find(|c| c.name == name)
    }
}

/// A change of a container's state is another version of its task, whoever writes it.
pub fn count_container_changes(tx: &mut Tx, before: Option<&Task>, after: Option<&Task>) {
    let (Some(before), Some(after)) = (before, after) else { return };
    if before.version == after.version && container_states(before) != container_states(after) {
        tx.update::<Task>(&after.key(), |task| task.version += 1);
    }
}

fn container_states(task: &Task) -> Vec<(ContainerStatus, Option<i32>, Option<HealthStatus>)> {
    task.containers.iter().map(|c| (c.status, c.exit_code, c.health)).collect()
}
