//! Targets: what their operations share.

pub mod deregister;
pub mod health;
pub mod register;

use std::net::Ipv4Addr;

use neargate_api::AwsError;
use neargate_api::model::elbv2::TargetGroup;
use neargate_api::types::elbv2::{TargetDescription, error};

use crate::invalid;

/// A target's port: its own, or its group's.
fn port(group: &TargetGroup, target: &TargetDescription) -> Result<u16, AwsError> {
    let Some(given) = target.port else { return Ok(group.port) };
    u16::try_from(given).ok().filter(|port| *port > 0).ok_or_else(|| {
        invalid(format!("Target port '{given}' must be between '1-65535' inclusive"))
    })
}

/// A target's id as the address that it is in a group of type `ip`.
fn address(target: &TargetDescription) -> Result<Ipv4Addr, AwsError> {
    target.id.parse().map_err(|_| {
        error::invalid_target_exception(format!(
            "The IP address '{}' is not a valid IPv4 address",
            target.id
        ))
    })
}
