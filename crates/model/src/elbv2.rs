//! Elastic Load Balancing: what ECS and the load balancer's hand share.

use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use serde::{Deserialize, Serialize};

/// The tables of Elastic Load Balancing.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Target>()
}

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
    /// Of a draining target: when what is still in flight is cut.
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
