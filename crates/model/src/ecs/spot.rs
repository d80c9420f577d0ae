//! Fargate Spot's capacity, which the operator can make short.

use neargate_ids::Timestamp;
use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

/// The capacity provider of interruptible tasks.
pub const FARGATE_SPOT: &str = "FARGATE_SPOT";

/// What ECS says when there is no capacity.
/// Source: "Service event messages" in the ECS developer guide.
pub const CAPACITY_UNAVAILABLE: &str = "Capacity is unavailable at this time. Please try again later or in a different availability zone";

/// What EventBridge's events call that.
/// Source: "Amazon ECS service action events" in the ECS developer guide.
pub const CAPACITY_CODE: &str = "RESOURCE:FARGATE";

/// While this is there, no task is placed on Fargate Spot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotShortage {
    pub since: Timestamp,
}

impl Record for SpotShortage {
    const TABLE: &'static str = "ecs-spot-shortage";

    fn key(&self) -> String {
        SpotShortage::KEY.into()
    }
}

impl SpotShortage {
    /// There is one at most, of all regions.
    pub const KEY: &'static str = "all";

    /// Whether a task of this capacity provider has no place at this moment.
    pub fn holds_back(snapshot: &Snapshot, capacity_provider: Option<&str>) -> bool {
        capacity_provider == Some(FARGATE_SPOT)
            && snapshot.contains::<SpotShortage>(SpotShortage::KEY)
    }
}
