//! Health checks as they are asked for: AWS's defaults, and what it does not take.

use neargate_api::AwsError;
use neargate_api::model::elbv2::HealthCheck;
use neargate_api::types::elbv2::Matcher;

use crate::invalid;

/// What CreateTargetGroup and ModifyTargetGroup say of health checks.
#[derive(Default)]
pub struct Asked {
    pub enabled: Option<bool>,
    pub protocol: Option<String>,
    pub port: Option<String>,
    pub path: Option<String>,
    pub interval_secs: Option<i32>,
    pub timeout_secs: Option<i32>,
    pub healthy_threshold: Option<i32>,
    pub unhealthy_threshold: Option<i32>,
    pub matcher: Option<Matcher>,
}

/// The defaults of target groups of an Application Load Balancer.
pub fn default(protocol_version: &str) -> HealthCheck {
    let grpc = protocol_version == "GRPC";
    HealthCheck {
        protocol: "HTTP".into(),
        port: "traffic-port".into(),
        path: if grpc { "/AWS.ALB/healthcheck".into() } else { "/".into() },
        interval_secs: 30,
        timeout_secs: 5,
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        matcher: if grpc { "12".into() } else { "200".into() },
    }
}

/// `check` with what is asked for, checked as a whole.
pub fn changed(
    mut check: HealthCheck,
    protocol_version: &str,
    asked: Asked,
) -> Result<HealthCheck, AwsError> {
    if asked.enabled == Some(false) {
        return Err(invalid(
            "Health check enabled must be true for target groups with target type 'ip'",
        ));
    }
    if let Some(protocol) = asked.protocol {
        if !matches!(protocol.as_str(), "HTTP" | "HTTPS") {
            return Err(invalid(format!(
                "Health check protocol '{protocol}' must be one of '[HTTP, HTTPS]'"
            )));
        }
        check.protocol = protocol;
    }
    if let Some(port) = asked.port {
        if port != "traffic-port" && !port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Err(invalid(format!(
                "Health check port '{port}' must be 'traffic-port' or between '1-65535' inclusive"
            )));
        }
        check.port = port;
    }
    if let Some(path) = asked.path {
        if !path.starts_with('/') || path.len() > 1024 {
            return Err(invalid(format!(
                "Health check path '{path}' must begin with '/' and have at most 1024 characters"
            )));
        }
        check.path = path;
    }
    set(&mut check.interval_secs, asked.interval_secs, "interval", 5, 300)?;
    set(&mut check.timeout_secs, asked.timeout_secs, "timeout", 2, 120)?;
    set(&mut check.healthy_threshold, asked.healthy_threshold, "healthy threshold", 2, 10)?;
    set(&mut check.unhealthy_threshold, asked.unhealthy_threshold, "unhealthy threshold", 2, 10)?;
    if let Some(matcher) = asked.matcher {
        check.matcher = codes(protocol_version, matcher)?;
    }
    if check.timeout_secs >= check.interval_secs {
        return Err(invalid(format!(
            "Health check timeout '{}' must be smaller than the interval '{}'",
            check.timeout_secs, check.interval_secs
        )));
    }
    Ok(check)
}

fn set(
    field: &mut u32,
    asked: Option<i32>,
    what: &str,
    low: u32,
    high: u32,
) -> Result<(), AwsError> {
    let Some(asked) = asked else { return Ok(()) };
    match u32::try_from(asked) {
        Ok(number) if (low..=high).contains(&number) => *field = number,
        _ => {
            return Err(invalid(format!(
                "Health check {what} '{asked}' must be between '{low}-{high}' inclusive"
            )));
        }
    }
    Ok(())
}

/// `200`, `200,202` or `200-299`, within what the protocol has.
fn codes(protocol_version: &str, matcher: Matcher) -> Result<String, AwsError> {
    let grpc = protocol_version == "GRPC";
    let (codes, low, high) =
        if grpc { (matcher.grpc_code, 0, 99) } else { (matcher.http_code, 200, 499) };
    let wanted = if grpc { "GrpcCode" } else { "HttpCode" };
    let codes = codes.ok_or_else(|| {
        invalid(format!(
            "The matcher of a target group with protocol version '{protocol_version}' must have {wanted}"
        ))
    })?;
    let number = |text: &str| text.parse::<u32>().ok().filter(|code| (low..=high).contains(code));
    let is_range = |part: &str| match part.split_once('-') {
        Some((first, last)) => number(first).zip(number(last)).is_some_and(|(a, b)| a <= b),
        None => number(part).is_some(),
    };
    match codes.split(',').all(is_range) {
        true => Ok(codes),
        false => Err(invalid(format!(
            "Health check matcher {wanted} '{codes}' must be within '{low}-{high}' inclusive"
        ))),
    }
}
