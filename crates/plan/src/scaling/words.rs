//! What activities say, in AWS's words.

use super::Trigger;

/// Why a policy that was triggered changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// With less, the metric would ask for more again.
    AnticipatedFlapping {
        current: u32,
    },
    /// A deployment is under way.
    Unscalable {
        current: u32,
    },
    AlreadyAtMax(u32),
    AlreadyAtMin(u32),
    AlreadyAtDesired {
        current: u32,
    },
}

impl Reason {
    pub fn code(self) -> &'static str {
        match self {
            Reason::AnticipatedFlapping { .. } => "AutoScalingAnticipatedFlapping",
            Reason::Unscalable { .. } => "TargetServicePutResourceAsUnscalable",
            Reason::AlreadyAtMax(_) => "AlreadyAtMaxCapacity",
            Reason::AlreadyAtMin(_) => "AlreadyAtMinCapacity",
            Reason::AlreadyAtDesired { .. } => "AlreadyAtDesiredCapacity",
        }
    }
}

/// `Setting desired count to 3.`
pub fn description(count: u32) -> String {
    format!("Setting desired count to {count}.")
}

pub fn cause(by: &Trigger) -> String {
    format!(
        "monitor alarm {} in state {} triggered policy {}",
        by.alarm,
        by.state.name(),
        by.policy
    )
}
