//! Application Auto Scaling: scalable targets, their policies, scheduled actions and
//! activities. Each is kept as AWS shows it.
//!
//! Keys are `region/dimension/resource/…`: a dimension (`ecs:service:DesiredCount`)
//! begins with its service's namespace, so that a namespace is a prefix.

use neargate_api_types::application_autoscaling as wire;
use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of Application Auto Scaling.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<ScalableTarget>()
        .with::<ScalingPolicy>()
        .with::<ScheduledAction>()
        .with::<ScalingActivity>()
        .with::<ScalingForecast>()
}

/// What can be scaled, between which bounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScalableTarget {
    pub region: String,
    pub shown: Stored<wire::ScalableTarget>,
    pub tags: Tags,
}

impl ScalableTarget {
    pub fn key_of(region: &str, dimension: &str, resource_id: &str) -> String {
        format!("{region}/{dimension}/{resource_id}")
    }
}

impl Record for ScalableTarget {
    const TABLE: &'static str = "scalable-targets";

    fn key(&self) -> String {
        ScalableTarget::key_of(
            &self.region,
            &self.shown.scalable_dimension,
            &self.shown.resource_id,
        )
    }
}

/// When and by how much a target is scaled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScalingPolicy {
    pub region: String,
    pub shown: Stored<wire::ScalingPolicy>,
}

impl ScalingPolicy {
    pub fn key_of(region: &str, dimension: &str, resource_id: &str, name: &str) -> String {
        format!("{}{name}", of_target(region, dimension, resource_id))
    }
}

impl Record for ScalingPolicy {
    const TABLE: &'static str = "scaling-policies";

    fn key(&self) -> String {
        let shown = &self.shown;
        ScalingPolicy::key_of(
            &self.region,
            &shown.scalable_dimension,
            &shown.resource_id,
            &shown.policy_name,
        )
    }
}

/// A change of a target's bounds at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScheduledAction {
    pub region: String,
    pub scalable_dimension: String,
    pub shown: Stored<wire::ScheduledAction>,
    /// The next time is looked for after this: when it was given, or came last.
    #[serde(default)]
    pub counted_from: Timestamp,
}

impl ScheduledAction {
    pub fn key_of(region: &str, dimension: &str, resource_id: &str, name: &str) -> String {
        format!("{}{name}", of_target(region, dimension, resource_id))
    }
}

impl Record for ScheduledAction {
    const TABLE: &'static str = "scheduled-actions";

    fn key(&self) -> String {
        ScheduledAction::key_of(
            &self.region,
            &self.scalable_dimension,
            &self.shown.resource_id,
            &self.shown.scheduled_action_name,
        )
    }
}

/// Something that scaling did, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScalingActivity {
    pub region: String,
    pub started_at: Timestamp,
    pub shown: Stored<wire::ScalingActivity>,
    /// The change of capacity that it is; none of what was not scaled.
    #[serde(default)]
    pub change: Option<CapacityChange>,
}

/// From how much to how much, and how long the next change waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityChange {
    pub from: u32,
    pub to: u32,
    /// The policy that decided it; none where bounds or a schedule did.
    pub policy: Option<String>,
    pub cooldown_s: i64,
}

impl Record for ScalingActivity {
    const TABLE: &'static str = "scaling-activities";

    /// The newest comes first.
    fn key(&self) -> String {
        let shown = &self.shown;
        let prefix = of_target(&self.region, &shown.scalable_dimension, &shown.resource_id);
        let age = i64::MAX - self.started_at.millis();
        format!("{prefix}{age:019}/{}", shown.activity_id)
    }
}

/// What a policy of predictive scaling expects, by the hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScalingForecast {
    /// The key of its policy.
    pub policy: String,
    pub made_at: Timestamp,
    /// For each metric specification of the policy, in their order.
    pub loads: Vec<Vec<Expected>>,
    pub capacity: Vec<Expected>,
}

/// What is expected of the hour that begins at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    pub at: Timestamp,
    pub value: f64,
}

impl Record for ScalingForecast {
    const TABLE: &'static str = "scaling-forecasts";

    fn key(&self) -> String {
        self.policy.clone()
    }
}

/// What the keys of a target's policies, scheduled actions and activities begin with.
/// Ids of resources have no line ends, so that no target is another's prefix.
pub fn of_target(region: &str, dimension: &str, resource_id: &str) -> String {
    format!("{region}/{dimension}/{resource_id}\n")
}
