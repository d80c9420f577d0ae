//! Target groups: what their operations share.

pub mod attributes;
pub mod create;
pub mod delete;
pub mod describe;
mod health_check;
pub mod modify;

use std::sync::Arc;

use neargate_api::model::elbv2::{TargetGroup, load_balancers_of};
use neargate_api::types::elbv2::{self, Matcher, error};
use neargate_api::{AwsError, Snapshot};

/// The target group of an ARN.
pub fn find(snapshot: &Snapshot, arn: &str) -> Result<Arc<TargetGroup>, AwsError> {
    snapshot.get::<TargetGroup>(arn).ok_or_else(missing)
}

pub fn missing() -> AwsError {
    error::target_group_not_found_exception("One or more target groups not found")
}

/// For a group that something else names.
pub fn not_found(arn: &str) -> AwsError {
    error::target_group_not_found_exception(format!("Target group '{arn}' not found"))
}

/// As the API shows it.
pub fn shown(snapshot: &Snapshot, group: &TargetGroup) -> elbv2::TargetGroup {
    let check = &group.health_check;
    let number = |n: u32| i32::try_from(n).ok();
    let codes = Some(check.matcher.clone());
    let matcher = match group.protocol_version.as_str() {
        "GRPC" => Matcher { grpc_code: codes, http_code: None },
        _ => Matcher { http_code: codes, grpc_code: None },
    };
    elbv2::TargetGroup {
        target_group_arn: Some(group.arn.clone()),
        target_group_name: Some(group.name.clone()),
        protocol: Some(group.protocol.clone()),
        protocol_version: Some(group.protocol_version.clone()),
        port: Some(group.port.into()),
        vpc_id: Some(group.vpc_id.clone()),
        target_type: Some("ip".into()),
        ip_address_type: Some("ipv4".into()),
        health_check_enabled: Some(true),
        health_check_protocol: Some(check.protocol.clone()),
        health_check_port: Some(check.port.clone()),
        health_check_path: Some(check.path.clone()),
        health_check_interval_seconds: number(check.interval_secs),
        health_check_timeout_seconds: number(check.timeout_secs),
        healthy_threshold_count: number(check.healthy_threshold),
        unhealthy_threshold_count: number(check.unhealthy_threshold),
        matcher: Some(matcher),
        load_balancer_arns: Some(load_balancers_of(snapshot, &group.arn).into_iter().collect()),
        target_control_port: None,
    }
}
