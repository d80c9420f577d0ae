//! The attributes of load balancers, listeners and target groups: their names,
//! defaults and allowed values. Records keep only what was set.
//!
//! Source: `LoadBalancerAttribute`, `ListenerAttribute` and
//! `TargetGroupAttribute` in the API reference, those of Application Load
//! Balancers and targets by address.

/// What an attribute may be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    Bool,
    /// Inclusive.
    Range(u32, u32),
    /// `off`, or a number of this range.
    OffOr(u32, u32),
    OneOf(&'static [&'static str]),
    Text,
    /// 0, or a number of this range.
    ZeroOr(u32, u32),
}

use AttributeValue::{Bool, OffOr, OneOf, Range, Text, ZeroOr};

/// Name, default, allowed values.
pub type Attribute = (&'static str, &'static str, AttributeValue);

pub const LOAD_BALANCER_ATTRIBUTES: &[Attribute] = &[
    ("access_logs.s3.enabled", "false", Bool),
    ("access_logs.s3.bucket", "", Text),
    ("access_logs.s3.prefix", "", Text),
    ("connection_logs.s3.enabled", "false", Bool),
    ("connection_logs.s3.bucket", "", Text),
    ("connection_logs.s3.prefix", "", Text),
    ("health_check_logs.s3.enabled", "false", Bool),
    ("health_check_logs.s3.bucket", "", Text),
    ("health_check_logs.s3.prefix", "", Text),
    ("idle_timeout.timeout_seconds", "60", Range(1, 4000)),
    ("client_keep_alive.seconds", "3600", Range(60, 604_800)),
    ("deletion_protection.enabled", "false", Bool),
    ("load_balancing.cross_zone.enabled", "true", OneOf(&["true"])),
    ("routing.http2.enabled", "true", Bool),
    ("routing.http.drop_invalid_header_fields.enabled", "false", Bool),
    ("routing.http.xff_client_port.enabled", "false", Bool),
    ("routing.http.preserve_host_header.enabled", "false", Bool),
    ("routing.http.xff_header_processing.mode", "append", OneOf(&["append", "preserve", "remove"])),
    (
        "routing.http.desync_mitigation_mode",
        "defensive",
        OneOf(&["monitor", "defensive", "strictest"]),
    ),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Bool),
    ("waf.fail_open.enabled", "false", Bool),
    ("zonal_shift.config.enabled", "false", Bool),
    ("ipv6.deny_all_igw_traffic", "false", Bool),
];

pub const TARGET_GROUP_ATTRIBUTES: &[Attribute] = &[
    ("deregistration_delay.timeout_seconds", "300", Range(0, 3600)),
    ("stickiness.enabled", "false", Bool),
    ("stickiness.type", "lb_cookie", OneOf(&["lb_cookie", "app_cookie"])),
    ("stickiness.lb_cookie.duration_seconds", "86400", Range(1, 604_800)),
    ("stickiness.app_cookie.cookie_name", "", Text),
    ("stickiness.app_cookie.duration_seconds", "86400", Range(1, 604_800)),
    ("slow_start.duration_seconds", "0", ZeroOr(30, 900)),
    (
        "load_balancing.algorithm.type",
        "round_robin",
        OneOf(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    ("load_balancing.algorithm.anomaly_mitigation", "off", OneOf(&["on", "off"])),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1", OffOr(1, 1000)),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", OffOr(1, 100)),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        Range(1, 1000),
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        OffOr(1, 100),
    ),
];

pub const LISTENER_ATTRIBUTES: &[Attribute] = &[
    ("routing.http.response.server.enabled", "true", Bool),
    ("routing.http.response.strict_transport_security.header_value", "", Text),
    ("routing.http.response.access_control_allow_origin.header_value", "", Text),
    ("routing.http.response.access_control_allow_methods.header_value", "", Text),
    ("routing.http.response.access_control_allow_headers.header_value", "", Text),
    ("routing.http.response.access_control_allow_credentials.header_value", "", Text),
    ("routing.http.response.access_control_expose_headers.header_value", "", Text),
    ("routing.http.response.access_control_max_age.header_value", "", Text),
    ("routing.http.response.content_security_policy.header_value", "", Text),
    ("routing.http.response.x_content_type_options.header_value", "", Text),
    ("routing.http.response.x_frame_options.header_value", "", Text),
    ("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", "", Text),
    ("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", "", Text),
    ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "", Text),
    ("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", "", Text),
    ("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", "", Text),
    ("routing.http.request.x_amzn_mtls_clientcert.header_name", "", Text),
    ("routing.http.request.x_amzn_tls_version.header_name", "", Text),
    ("routing.http.request.x_amzn_tls_cipher_suite.header_name", "", Text),
];

impl AttributeValue {
    /// What is allowed, in words; `None` when `value` is.
    pub fn refuses(self, value: &str) -> Option<String> {
        let number = || value.parse::<u32>().ok();
        let within = |low, high| number().is_some_and(|n| (low..=high).contains(&n));
        match self {
            Bool => (!matches!(value, "true" | "false")).then(|| "one of [true, false]".into()),
            Range(low, high) => {
                (!within(low, high)).then(|| format!("between '{low}-{high}' inclusive"))
            }
            OffOr(low, high) => (value != "off" && !within(low, high))
                .then(|| format!("'off' or between '{low}-{high}' inclusive")),
            ZeroOr(low, high) => (value != "0" && !within(low, high))
                .then(|| format!("0 or between '{low}-{high}' inclusive")),
            OneOf(values) => {
                (!values.contains(&value)).then(|| format!("one of [{}]", values.join(", ")))
            }
            Text => (value.len() > 1024).then(|| "at most 1024 characters".into()),
        }
    }
}

/// An attribute's value: as set, or its default.
pub(super) fn value_of<'a>(all: &[Attribute], set: &'a crate::Tags, name: &str) -> &'a str {
    let default = all.iter().find(|(known, ..)| *known == name).map_or("", |(_, value, _)| value);
    set.get(name).map_or(default, String::as_str)
}
