//! A target group: how its targets are spoken to and checked.

use std::collections::BTreeSet;

use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

use super::attributes::{TARGET_GROUP_ATTRIBUTES, value_of};
use super::{Listener, Rule, forwards_to};
use crate::Tags;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    pub region: String,
    /// `arn:…:targetgroup/<name>/<16 hexadecimal digits>`
    pub arn: String,
    /// Unique in its region.
    pub name: String,
    /// `HTTP` or `HTTPS`
    pub protocol: String,
    /// `HTTP1`, `HTTP2` or `GRPC`
    pub protocol_version: String,
    /// Where targets listen that are registered without a port.
    pub port: u16,
    pub vpc_id: String,
    pub health_check: HealthCheck,
    /// Those that were set.
    pub attributes: Tags,
    pub tags: Tags,
}

/// How targets are checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// `HTTP` or `HTTPS`
    pub protocol: String,
    /// A port, or `traffic-port`.
    pub port: String,
    pub path: String,
    pub interval_secs: u32,
    pub timeout_secs: u32,
    pub healthy_threshold: u32,
    pub unhealthy_threshold: u32,
    /// Codes of HTTP, or of gRPC when that is the group's protocol version.
    pub matcher: String,
}

impl TargetGroup {
    /// An attribute's value: as set, or its default.
    pub fn attribute(&self, name: &str) -> &str {
        value_of(TARGET_GROUP_ATTRIBUTES, &self.attributes, name)
    }

    /// The same for an attribute that is a number.
    pub fn number(&self, name: &str) -> u32 {
        self.attribute(name).parse().unwrap_or_default()
    }

    /// How long a target that is deregistered may finish what it has begun.
    pub fn deregistration_delay_secs(&self) -> i64 {
        self.number("deregistration_delay.timeout_seconds").into()
    }
}

impl Record for TargetGroup {
    const TABLE: &'static str = "elbv2-target-groups";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

/// The ARNs of the load balancers that forward to a target group.
pub fn load_balancers_of(snapshot: &Snapshot, target_group_arn: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for listener in snapshot.all::<Listener>() {
        if forwards_to(&listener.actions).contains(target_group_arn) {
            found.insert(listener.load_balancer_arn.clone());
        }
    }
    for rule in snapshot.all::<Rule>() {
        if forwards_to(&rule.actions).contains(target_group_arn)
            && let Some(listener) = snapshot.get::<Listener>(&rule.listener_arn)
        {
            found.insert(listener.load_balancer_arn.clone());
        }
    }
    found
}

/// Whether a listener or a rule forwards to the target group.
pub fn is_in_use(snapshot: &Snapshot, target_group_arn: &str) -> bool {
    !load_balancers_of(snapshot, target_group_arn).is_empty()
}
