//! A target: an address that requests are sent to, and what is known of its health.

use neargate_ids::Timestamp;
use neargate_store::Record;
use serde::{Deserialize, Serialize};

/// What health checks say of a target.
/// Source: "Target health status" in the guide for Application Load Balancers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetState {
    Initial,
    Healthy,
    Unhealthy,
    /// Its target group is used by no listener.
    Unused,
    Draining,
    /// Its target group does no health checks.
    Unavailable,
}

impl TargetState {
    pub fn as_str(self) -> &'static str {
        match self {
            TargetState::Initial => "initial",
            TargetState::Healthy => "healthy",
            TargetState::Unhealthy => "unhealthy",
            TargetState::Unused => "unused",
            TargetState::Draining => "draining",
            TargetState::Unavailable => "unavailable",
        }
    }
}

/// A registered target. One that drains is deleted once nothing is in flight to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub target_group_arn: String,
    pub ip: String,
    pub port: u16,
    pub zone: Option<String>,
    pub state: TargetState,
    /// `Target.ResponseCodeMismatch` and the like.
    pub reason: Option<String>,
    pub description: Option<String>,
    pub registered_at: Timestamp,
    /// Of a draining target: when what is still in flight is cut, by the machine's time.
    pub drains_until: Option<Timestamp>,
}

impl Record for Target {
    const TABLE: &'static str = "elbv2-targets";

    fn key(&self) -> String {
        Target::key_of(&self.target_group_arn, &self.ip, self.port)
    }
}

impl Target {
    pub fn key_of(target_group_arn: &str, ip: &str, port: u16) -> String {
        format!("{target_group_arn}/{ip}:{port}")
    }

    /// A target just registered: its health is not known yet.
    pub fn registered(
        target_group_arn: &str,
        ip: &str,
        port: u16,
        zone: Option<String>,
        at: Timestamp,
    ) -> Self {
        Target {
            target_group_arn: target_group_arn.into(),
            ip: ip.into(),
            port,
            zone,
            state: TargetState::Initial,
            reason: Some("Elb.RegistrationInProgress".into()),
            description: Some("Target registration is in progress".into()),
            registered_at: at,
            drains_until: None,
        }
    }
}
impl Target {
    /// A target of a group that nothing forwards to.
    pub fn set_unused(&mut self) {
        self.state = TargetState::Unused;
        self.reason = Some("Target.NotInUse".into());
        self.description =
            Some("Target group is not configured to receive traffic from the load balancer".into());
    }

    /// No new requests from now on; what is in flight has until `until`.
    pub fn set_draining(&mut self, until: Timestamp) {
        self.state = TargetState::Draining;
        self.reason = Some("Target.DeregistrationInProgress".into());
        self.description = Some("Target deregistration is in progress".into());
        self.drains_until = Some(until);
    }
}
