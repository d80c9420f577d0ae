//! Which attribute of `aws_lb_target_group` is which of ELB's.

use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::resources::lb_attributes::{Keyed, Kind, text_of};

const SETTINGS: [(&str, &str, Kind); 9] = [
    ("connection_termination", "deregistration_delay.connection_termination.enabled", Kind::Bool),
    ("deregistration_delay", "deregistration_delay.timeout_seconds", Kind::Text),
    ("lambda_multi_value_headers_enabled", "lambda.multi_value_headers.enabled", Kind::Bool),
    ("load_balancing_algorithm_type", "load_balancing.algorithm.type", Kind::Text),
    (
        "load_balancing_anomaly_mitigation",
        "load_balancing.algorithm.anomaly_mitigation",
        Kind::Text,
    ),
    ("load_balancing_cross_zone_enabled", "load_balancing.cross_zone.enabled", Kind::Text),
    ("preserve_client_ip", "preserve_client_ip.enabled", Kind::Text),
    ("proxy_protocol_v2", "proxy_protocol_v2.enabled", Kind::Bool),
    ("slow_start", "slow_start.duration_seconds", Kind::Number),
];

/// Those of which a type without them has the default.
const NEVER_NULL: [(&str, bool); 2] =
    [("lambda_multi_value_headers_enabled", false), ("proxy_protocol_v2", false)];

const DNS_COUNT: &str = "target_group_health.dns_failover.minimum_healthy_targets.count";
const DNS_PERCENTAGE: &str = "target_group_health.dns_failover.minimum_healthy_targets.percentage";
const ROUTING_COUNT: &str =
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count";
const ROUTING_PERCENTAGE: &str =
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage";
const UNHEALTHY_TERMINATION: &str = "target_health_state.unhealthy.connection_termination.enabled";
const UNHEALTHY_DRAINING: &str = "target_health_state.unhealthy.draining_interval_seconds";

/// What the attributes ask for.
pub fn wanted(planned: &Attributes) -> Vec<(&'static str, Option<String>)> {
    let mut wanted: Vec<_> =
        SETTINGS.into_iter().map(|(name, key, _)| (key, text_of(planned, name))).collect();
    if let Some(sticky) = planned.block("stickiness") {
        wanted.push(("stickiness.enabled", text_of(&sticky, "enabled")));
        wanted.push(("stickiness.type", sticky.string("type")));
        let duration = text_of(&sticky, "cookie_duration");
        match sticky.text("type") {
            Some("lb_cookie") => wanted.push(("stickiness.lb_cookie.duration_seconds", duration)),
            Some("app_cookie") => {
                wanted.push(("stickiness.app_cookie.duration_seconds", duration));
                wanted.push(("stickiness.app_cookie.cookie_name", sticky.string("cookie_name")));
            }
            _ => {}
        }
    }
    if let Some(failover) = planned.block("target_failover") {
        wanted.push(("target_failover.on_deregistration", failover.string("on_deregistration")));
        wanted.push(("target_failover.on_unhealthy", failover.string("on_unhealthy")));
    }
    let health = planned.block("target_group_health").unwrap_or_default();
    if let Some(dns) = health.block("dns_failover") {
        wanted.push((DNS_COUNT, text_of(&dns, "minimum_healthy_targets_count")));
        wanted.push((DNS_PERCENTAGE, text_of(&dns, "minimum_healthy_targets_percentage")));
    }
    if let Some(routing) = health.block("unhealthy_state_routing") {
        wanted.push((ROUTING_COUNT, text_of(&routing, "minimum_healthy_targets_count")));
        wanted.push((ROUTING_PERCENTAGE, text_of(&routing, "minimum_healthy_targets_percentage")));
    }
    if let Some(state) = planned.block("target_health_state") {
        wanted.push((
            UNHEALTHY_TERMINATION,
            text_of(&state, "enable_unhealthy_connection_termination"),
        ));
        wanted.push((UNHEALTHY_DRAINING, text_of(&state, "unhealthy_draining_interval")));
    }
    wanted
}

/// What AWS has, as attributes.
pub fn described(has: &Keyed) -> Json {
    let mut all = serde_json::Map::new();
    for (name, key, kind) in SETTINGS {
        all.insert(name.to_owned(), has.json(key, kind));
    }
    for (name, default) in NEVER_NULL {
        if all.get(name).is_some_and(Json::is_null) {
            all.insert(name.to_owned(), default.into());
        }
    }
    let sticky: Vec<Json> =
        has.get("stickiness.type").map(|of| stickiness(has, of)).into_iter().collect();
    all.insert("stickiness".to_owned(), sticky.into());
    let failover = json!([{
        "on_deregistration": has.json("target_failover.on_deregistration", Kind::Text),
        "on_unhealthy": has.json("target_failover.on_unhealthy", Kind::Text),
    }]);
    all.insert("target_failover".to_owned(), failover);
    let health = json!([{
        "dns_failover": [{
            "minimum_healthy_targets_count": has.json(DNS_COUNT, Kind::Text),
            "minimum_healthy_targets_percentage": has.json(DNS_PERCENTAGE, Kind::Text),
        }],
        "unhealthy_state_routing": [{
            "minimum_healthy_targets_count": has.json(ROUTING_COUNT, Kind::Number),
            "minimum_healthy_targets_percentage": has.json(ROUTING_PERCENTAGE, Kind::Text),
        }],
    }]);
    let health = if has.get(DNS_COUNT).is_some() { health } else { json!([]) };
    all.insert("target_group_health".to_owned(), health);
    let state = json!([{
        "enable_unhealthy_connection_termination": has.json(UNHEALTHY_TERMINATION, Kind::Bool),
        "unhealthy_draining_interval": has.json(UNHEALTHY_DRAINING, Kind::Number),
    }]);
    all.insert("target_health_state".to_owned(), state);
    Json::Object(all)
}

fn stickiness(has: &Keyed, of: &str) -> Json {
    let (duration, name) = match of {
        "app_cookie" => (
            has.number("stickiness.app_cookie.duration_seconds"),
            has.text("stickiness.app_cookie.cookie_name"),
        ),
        _ => (has.number("stickiness.lb_cookie.duration_seconds"), String::new()),
    };
    json!({
        "cookie_duration": duration,
        "cookie_name": name,
        "enabled": has.bool("stickiness.enabled"),
        "type": of,
    })
}
