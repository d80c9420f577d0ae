//! Which attribute of `aws_lb` is which of ELB's.

use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::resources::lb_attributes::{Keyed, Kind, text_of};

const SETTINGS: [(&str, &str, Kind); 14] = [
    ("client_keep_alive", "client_keep_alive.seconds", Kind::Number),
    ("desync_mitigation_mode", "routing.http.desync_mitigation_mode", Kind::Text),
    ("dns_record_client_routing_policy", "dns_record.client_routing_policy", Kind::Text),
    ("drop_invalid_header_fields", "routing.http.drop_invalid_header_fields.enabled", Kind::Bool),
    ("enable_cross_zone_load_balancing", CROSS_ZONE, Kind::Bool),
    ("enable_deletion_protection", "deletion_protection.enabled", Kind::Bool),
    ("enable_http2", "routing.http2.enabled", Kind::Bool),
    (
        "enable_tls_version_and_cipher_suite_headers",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        Kind::Bool,
    ),
    ("enable_waf_fail_open", "waf.fail_open.enabled", Kind::Bool),
    ("enable_xff_client_port", "routing.http.xff_client_port.enabled", Kind::Bool),
    ("enable_zonal_shift", "zonal_shift.config.enabled", Kind::Bool),
    ("idle_timeout", "idle_timeout.timeout_seconds", Kind::Number),
    ("preserve_host_header", "routing.http.preserve_host_header.enabled", Kind::Bool),
    ("xff_header_processing_mode", "routing.http.xff_header_processing.mode", Kind::Text),
];

const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";

/// What an application load balancer's attributes are at first.
const OF_APPLICATIONS: [(&str, &str); 14] = [
    ("access_logs.s3.enabled", "false"),
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.enabled", "false"),
    ("deletion_protection.enabled", "false"),
    ("idle_timeout.timeout_seconds", "60"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("routing.http.drop_invalid_header_fields.enabled", "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("waf.fail_open.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
];

/// What the attributes of a type are at first.
pub fn defaults(of_type: Option<&str>) -> &'static [(&'static str, &'static str)] {
    if of_type == Some("application") { &OF_APPLICATIONS } else { &[] }
}

/// Blocks of logs, and what their keys begin with.
const LOGS: [(&str, [&str; 3]); 2] = [
    ("access_logs", ["access_logs.s3.bucket", "access_logs.s3.enabled", "access_logs.s3.prefix"]),
    (
        "connection_logs",
        ["connection_logs.s3.bucket", "connection_logs.s3.enabled", "connection_logs.s3.prefix"],
    ),
];

/// What the attributes ask for.
pub fn wanted(planned: &Attributes) -> Vec<(&'static str, Option<String>)> {
    // An application load balancer crosses zones, whatever is written.
    let application = planned.text("load_balancer_type") == Some("application");
    let settings = SETTINGS.into_iter().filter(|(_, key, _)| !application || *key != CROSS_ZONE);
    let mut wanted: Vec<_> = settings.map(|(name, key, _)| (key, text_of(planned, name))).collect();
    for (name, [bucket, enabled, prefix]) in LOGS {
        let Some(logs) = planned.block(name) else { continue };
        let is_enabled = logs.is("enabled");
        wanted.push((enabled, Some(is_enabled.to_string())));
        if is_enabled {
            wanted.push((bucket, logs.string("bucket")));
            wanted.push((prefix, Some(logs.required("prefix"))));
        }
    }
    wanted
}

/// What AWS has, as attributes.
pub fn described(has: &Keyed) -> Json {
    let mut all = serde_json::Map::new();
    for (name, key, kind) in SETTINGS {
        all.insert(name.to_owned(), has.json(key, kind));
    }
    for (name, [bucket, enabled, prefix]) in LOGS {
        let is_enabled = has.bool(enabled);
        // What is off keeps neither bucket nor prefix.
        let text = |key| if is_enabled { has.text(key) } else { String::new() };
        let logs =
            json!([{ "bucket": text(bucket), "enabled": is_enabled, "prefix": text(prefix) }]);
        all.insert(name.to_owned(), logs);
    }
    Json::Object(all)
}
