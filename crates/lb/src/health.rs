//! Health of targets: the pure state machine, and the prober that feeds it.
//!
//! ```text
//!               one pass                 unhealthy_threshold failures
//!   initial ───────────────► healthy ───────────────────────────────► unhealthy
//!      │                        ▲                                         │ ▲
//!      │                        └──────── healthy_threshold passes ───────┘ │
//!      └──────────────── unhealthy_threshold failures ──────────────────────┘
//! ```
//!
//! **Speed.** AWS's decisions at this machine's speed: the first check is made
//! at once rather than an interval later, and a target that is still `initial`
//! is looked at once a second besides. A pass there makes it healthy; a failure
//! there counts for nothing, so that a slow starter has as long as on AWS
//! (`unhealthy_threshold` checks, an interval apart) before it is unhealthy.
//!
//! Source: "Health checks for your target groups", statuses and reason codes.

mod probe;
mod prober;

pub use prober::{Observation, Prober};

use crate::config::{HealthCheck, TargetState};

/// What one check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeResult {
    /// The HTTP status, or for a gRPC group the gRPC status.
    Code(u16),
    TimedOut,
    /// No connection, or no response that could be understood.
    Failed,
}

/// `TargetHealthStateEnum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthState {
    Initial,
    Healthy,
    Unhealthy,
    Unused,
    Draining,
    Unavailable,
}

impl HealthState {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            HealthState::Initial => "initial",
            HealthState::Healthy => "healthy",
            HealthState::Unhealthy => "unhealthy",
            HealthState::Unused => "unused",
            HealthState::Draining => "draining",
            HealthState::Unavailable => "unavailable",
        }
    }
}

/// Why a target is not healthy: `TargetHealth.Reason` and `.Description`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    RegistrationInProgress,
    InitialHealthChecking,
    ResponseCodeMismatch(u16),
    Timeout,
    FailedHealthChecks,
    NotRegistered,
    NotInUse,
    DeregistrationInProgress,
    HealthCheckDisabled,
    InternalError,
}

impl Reason {
    /// `TargetHealthReasonEnum`.
    pub fn code(self) -> &'static str {
        match self {
            Reason::RegistrationInProgress => "Elb.RegistrationInProgress",
            Reason::InitialHealthChecking => "Elb.InitialHealthChecking",
            Reason::ResponseCodeMismatch(_) => "Target.ResponseCodeMismatch",
            Reason::Timeout => "Target.Timeout",
            Reason::FailedHealthChecks => "Target.FailedHealthChecks",
            Reason::NotRegistered => "Target.NotRegistered",
            Reason::NotInUse => "Target.NotInUse",
            Reason::DeregistrationInProgress => "Target.DeregistrationInProgress",
            Reason::HealthCheckDisabled => "Target.HealthCheckDisabled",
            Reason::InternalError => "Elb.InternalError",
        }
    }

    /// The sentence that goes with it.
    pub fn description(self) -> String {
        match self {
            Reason::RegistrationInProgress => "Target registration is in progress".into(),
            Reason::InitialHealthChecking => "Initial health checks in progress".into(),
            Reason::ResponseCodeMismatch(code) => {
                format!("Health checks failed with these codes: [{code}]")
            }
            Reason::Timeout => "Request timed out".into(),
            Reason::FailedHealthChecks => "Health checks failed".into(),
            Reason::NotRegistered => "Target is not registered to the target group".into(),
            Reason::NotInUse => {
                "Target group is not configured to receive traffic from the load balancer".into()
            }
            Reason::DeregistrationInProgress => "Target deregistration is in progress".into(),
            Reason::HealthCheckDisabled => "Health checks are disabled".into(),
            Reason::InternalError => "Health checks failed due to an internal error".into(),
        }
    }
}

/// A target's health so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    pub state: HealthState,
    pub reason: Option<Reason>,
    /// Passes in a row while unhealthy.
    passes: u32,
    /// Failures in a row while not unhealthy.
    failures: u32,
}

/// Whether a check counts in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// It was due by the interval.
    Due,
    /// It is an extra look at a new target: only a pass counts.
    Extra,
}

impl TargetHealth {
    /// A target that checks are about to begin for.
    pub fn new() -> Self {
        let reason = Some(Reason::InitialHealthChecking);
        TargetHealth { state: HealthState::Initial, reason, passes: 0, failures: 0 }
    }

    /// Goes on from what the control plane holds, after a restart.
    pub fn resume(state: TargetState) -> Self {
        let (state, reason) = match state {
            TargetState::Initial => return TargetHealth::new(),
            TargetState::Healthy => (HealthState::Healthy, None),
            TargetState::Unhealthy => (HealthState::Unhealthy, Some(Reason::FailedHealthChecks)),
            TargetState::Draining { .. } => {
                (HealthState::Draining, Some(Reason::DeregistrationInProgress))
            }
        };
        TargetHealth { state, reason, passes: 0, failures: 0 }
    }

    /// Takes in a check. True when state or reason changed.
    pub fn observe(
        &mut self,
        result: ProbeResult,
        check: &HealthCheck,
        schedule: Schedule,
    ) -> bool {
        let failure = failure(result, &check.matcher);
        match (self.state, failure) {
            (HealthState::Healthy, None) => {
                self.failures = 0;
                false
            }
            (HealthState::Initial, None) => self.become_healthy(),
            (HealthState::Unhealthy, None) => {
                self.passes += 1;
                self.passes >= check.healthy_threshold && self.become_healthy()
            }
            (HealthState::Unhealthy, Some(reason)) => {
                self.passes = 0;
                self.reason.replace(reason) != Some(reason)
            }
            (HealthState::Initial, Some(_)) if schedule == Schedule::Extra => false,
            (HealthState::Initial | HealthState::Healthy, Some(reason)) => {
                self.failures += 1;
                self.failures >= check.unhealthy_threshold && self.become_unhealthy(reason)
            }
            // These are not checked.
            (HealthState::Unused | HealthState::Draining | HealthState::Unavailable, _) => false,
        }
    }

    fn become_healthy(&mut self) -> bool {
        let (state, reason) = (HealthState::Healthy, None);
        *self = TargetHealth { state, reason, passes: 0, failures: 0 };
        true
    }

    fn become_unhealthy(&mut self, reason: Reason) -> bool {
        let (state, reason) = (HealthState::Unhealthy, Some(reason));
        *self = TargetHealth { state, reason, passes: 0, failures: 0 };
        true
    }
}

impl Default for TargetHealth {
    fn default() -> Self {
        TargetHealth::new()
    }
}

fn failure(result: ProbeResult, matcher: &str) -> Option<Reason> {
    match result {
        ProbeResult::Code(code) if is_success(matcher, code) => None,
        ProbeResult::Code(code) => Some(Reason::ResponseCodeMismatch(code)),
        ProbeResult::TimedOut => Some(Reason::Timeout),
        ProbeResult::Failed => Some(Reason::FailedHealthChecks),
    }
}

/// Whether a matcher (`200`, `200-299`, `200,301`) accepts `code`.
pub fn is_success(matcher: &str, code: u16) -> bool {
    matcher.split(',').any(|part| {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        match (low.trim().parse::<u16>(), high.trim().parse::<u16>()) {
            (Ok(low), Ok(high)) => (low..=high).contains(&code),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests;
