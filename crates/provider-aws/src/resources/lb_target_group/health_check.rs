//! The health check of a target group.

use neargate_api_types::elbv2;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;

/// Sets it in the request for a new group; without one, AWS's defaults hold.
pub fn of_new(planned: &Attributes, input: &mut elbv2::CreateTargetGroupInput) {
    let Some(check) = planned.block("health_check") else { return };
    input.health_check_enabled = check.bool("enabled");
    input.health_check_interval_seconds = check.number("interval");
    input.healthy_threshold_count = check.number("healthy_threshold");
    input.health_check_timeout_seconds = check.number("timeout").filter(|seconds| *seconds > 0);
    input.unhealthy_threshold_count = check.number("unhealthy_threshold");
    if planned.text("target_type") != Some("lambda") {
        input.health_check_port = check.string("port");
        input.health_check_protocol = check.string("protocol");
    }
    if asks(&check) {
        input.health_check_path = check.string("path");
        input.matcher = matcher(planned, &check);
    }
}

/// The request that changes it.
pub fn of_changed(planned: &Attributes, arn: &str) -> Option<elbv2::ModifyTargetGroupInput> {
    let mut new = elbv2::CreateTargetGroupInput::default();
    planned.block("health_check")?;
    of_new(planned, &mut new);
    Some(elbv2::ModifyTargetGroupInput {
        health_check_enabled: new.health_check_enabled,
        health_check_interval_seconds: new.health_check_interval_seconds,
        health_check_path: new.health_check_path,
        health_check_port: new.health_check_port,
        health_check_protocol: new.health_check_protocol,
        health_check_timeout_seconds: new.health_check_timeout_seconds,
        healthy_threshold_count: new.healthy_threshold_count,
        matcher: new.matcher,
        target_group_arn: arn.to_owned(),
        unhealthy_threshold_count: new.unhealthy_threshold_count,
    })
}

/// Whether it asks for something: a TCP check only connects.
fn asks(check: &Attributes) -> bool {
    check.text("protocol") != Some("TCP")
}

fn matcher(planned: &Attributes, check: &Attributes) -> Option<elbv2::Matcher> {
    let codes = check.string("matcher")?;
    let grpc = planned.text("protocol_version") == Some("GRPC");
    Some(match grpc {
        true => elbv2::Matcher { grpc_code: Some(codes), http_code: None },
        false => elbv2::Matcher { grpc_code: None, http_code: Some(codes) },
    })
}

/// It as a block.
pub fn block(group: &elbv2::TargetGroup) -> Json {
    let matcher = group.matcher.clone().unwrap_or_default();
    json!({
        "enabled": group.health_check_enabled.unwrap_or(false),
        "healthy_threshold": group.healthy_threshold_count.unwrap_or(0),
        "interval": group.health_check_interval_seconds.unwrap_or(0),
        "matcher": matcher.http_code.or(matcher.grpc_code).unwrap_or_default(),
        "path": group.health_check_path.clone().unwrap_or_default(),
        "port": group.health_check_port.clone().unwrap_or_default(),
        "protocol": group.health_check_protocol.clone().unwrap_or_default(),
        "timeout": group.health_check_timeout_seconds.unwrap_or(0),
        "unhealthy_threshold": group.unhealthy_threshold_count.unwrap_or(0),
    })
}
