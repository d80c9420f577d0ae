//! A deployment of CodeDeploy: where its replacement of a service's task set stands.
//!
//! ```text
//! stage:   Install ─▶ Wait ─▶ Shift ─▶ Terminate ─▶ Done          (a rollback: Restore ─▶ Done)
//! status:  Created, InProgress ── Ready ── InProgress ──────────▶ Succeeded
//!                         └────────┴─────────┴──▶ Failed, Stopped (─▶ its rollback, another deployment)
//! ```

use neargate_api_types::{codedeploy as wire, ecs};
use neargate_ids::Timestamp;
use neargate_store::Record;
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

/// The lifecycle events of an ECS deployment, in their order.
/// Source: "AppSpec 'hooks' section for an Amazon ECS deployment" in the CodeDeploy guide.
const EVENTS: [&str; 8] = [
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
];

/// All of them, before anything has happened.
pub fn pending_events() -> Vec<Stored<wire::LifecycleEvent>> {
    let pending = |name: &str| wire::LifecycleEvent {
        lifecycle_event_name: Some(name.into()),
        status: Some("Pending".into()),
        ..Default::default()
    };
    EVENTS.into_iter().map(|name| Stored(pending(name))).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeploymentStatus {
    Created,
    InProgress,
    /// The replacement is up and waits to be told to take the traffic.
    Ready,
    Succeeded,
    Failed,
    Stopped,
}

impl DeploymentStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            DeploymentStatus::Created => "Created",
            DeploymentStatus::InProgress => "InProgress",
            DeploymentStatus::Ready => "Ready",
            DeploymentStatus::Succeeded => "Succeeded",
            DeploymentStatus::Failed => "Failed",
            DeploymentStatus::Stopped => "Stopped",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        use DeploymentStatus::{Failed, Stopped, Succeeded};
        matches!(self, Succeeded | Failed | Stopped)
    }
}

/// What it is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// The replacement task set is made and becomes steady.
    Install,
    /// It is shown to the test listener, and waits for whoever looks at it.
    Wait,
    /// The production listener moves over.
    Shift,
    /// The original task set stays for a while, then goes.
    Terminate,
    /// A rollback: the original task set gets the traffic back, the replacement goes.
    Restore,
    Done,
}

/// How the production traffic moves over. Shares are percents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Traffic {
    AllAtOnce,
    /// This share first, the rest after the interval.
    Canary {
        percent: u32,
        interval_minutes: u32,
    },
    /// This share more with every interval.
    Linear {
        percent: u32,
        interval_minutes: u32,
    },
}

/// What waits before the shift.
/// Source: DeploymentReadyOption in the CodeDeploy API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ready {
    /// Nothing: it goes on at once.
    Continue,
    /// It stops unless it is told to continue within this time.
    StopAfterMinutes(u32),
}

/// Where the traffic comes from and may go to, by ARNs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub production_listener: String,
    pub test_listener: Option<String>,
    pub target_groups: [String; 2],
}

impl Route {
    /// The target group that is not this one.
    pub fn other(&self, target_group: &str) -> &str {
        let [first, second] = &self.target_groups;
        if first == target_group { second } else { first }
    }
}

/// The task set that is wanted, as the AppSpec says; what it does not say is the service's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSetSpec {
    pub task_definition_arn: String,
    pub container_name: String,
    pub container_port: i32,
    pub platform_version: Option<String>,
    pub network: Option<Stored<ecs::NetworkConfiguration>>,
    pub capacity_provider_strategy: Option<Vec<Stored<ecs::CapacityProviderStrategyItem>>>,
}

/// A task set as it was last seen: what is shown of it once it is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSetSeen {
    pub id: String,
    pub target_group: String,
    pub desired_count: u32,
    pub pending_count: u32,
    pub running_count: u32,
    /// `PRIMARY`, `ACTIVE` or `DRAINING`.
    pub status: String,
}

/// Why it did not succeed: AWS's code, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub code: String,
    pub message: String,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    pub region: String,
    /// `d-` and nine letters and digits.
    pub id: String,
    pub application: String,
    pub group: String,
    /// The service whose task set it replaces.
    pub cluster: String,
    pub service: String,
    /// As whom it acts.
    pub role_arn: String,
    pub status: DeploymentStatus,
    pub stage: Stage,
    pub stage_since: Timestamp,
    pub spec: TaskSetSpec,
    pub route: Route,
    pub traffic: Traffic,
    pub ready: Ready,
    /// How long the original task set stays after the shift; `None` is for good.
    pub termination_wait_minutes: Option<u32>,
    /// Whether a failure, an alarm, and a stop that does not say are rolled back.
    pub roll_back_on_failure: bool,
    pub roll_back_on_alarm: bool,
    pub roll_back_on_request: bool,
    /// The alarms that stop it.
    pub alarms: Vec<String>,
    /// Whether it goes on when one of them is not there to be looked at.
    pub ignore_missing_alarms: bool,
    pub original: Option<TaskSetSeen>,
    pub replacement: Option<TaskSetSeen>,
    /// Percent of the production traffic that the replacement gets.
    pub replacement_weight: u32,
    /// ContinueDeployment was called: for the shift, for the termination.
    pub go_on: bool,
    pub terminate_now: bool,
    /// StopDeployment was called, and whether what it has done shall be undone.
    pub stop_requested: Option<bool>,
    pub failure: Option<Failure>,
    /// Its rollback, and what it is the rollback of.
    pub rolled_back_by: Option<String>,
    pub rolls_back: Option<String>,
    pub events: Vec<Stored<wire::LifecycleEvent>>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub updated_at: Timestamp,
    /// What was given, and is shown back.
    pub shown: Stored<wire::DeploymentInfo>,
}

impl Deployment {
    pub fn key_of(region: &str, id: &str) -> String {
        format!("{region}/{id}")
    }

    /// Goes on to the next stage.
    pub fn enter(&mut self, stage: Stage, now: Timestamp) {
        self.stage = stage;
        self.stage_since = now;
        self.updated_at = now;
    }

    /// Ends it.
    pub fn end(&mut self, status: DeploymentStatus, now: Timestamp) {
        self.status = status;
        self.completed_at = Some(now);
        self.enter(Stage::Done, now);
    }

    /// A lifecycle event begins, unless it has.
    pub fn begin(&mut self, event: &str, now: Timestamp) {
        self.change(event, "Pending", |event| {
            event.status = Some("InProgress".into());
            event.start_time = Some(now);
        });
    }

    /// A lifecycle event has succeeded, from its beginning or at once.
    pub fn pass(&mut self, event: &str, now: Timestamp) {
        self.begin(event, now);
        self.change(event, "InProgress", |event| {
            event.status = Some("Succeeded".into());
            event.end_time = Some(now);
        });
    }

    /// What has begun has failed, and what has not will not be.
    pub fn give_up(&mut self, now: Timestamp) {
        for event in &mut self.events {
            match event.status.as_deref() {
                Some("InProgress") => {
                    event.status = Some("Failed".into());
                    event.end_time = Some(now);
                }
                Some("Pending") => event.status = Some("Skipped".into()),
                _ => {}
            }
        }
    }

    fn change(&mut self, name: &str, from: &str, change: impl FnOnce(&mut wire::LifecycleEvent)) {
        let found = self.events.iter_mut().find(|event| {
            event.lifecycle_event_name.as_deref() == Some(name)
                && event.status.as_deref() == Some(from)
        });
        if let Some(event) = found {
            change(&mut event.0);
        }
    }
}

impl Record for Deployment {
    const TABLE: &'static str = "codedeploy-deployments";

    fn key(&self) -> String {
        Deployment::key_of(&self.region, &self.id)
    }
}
