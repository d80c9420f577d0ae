//! What of load balancers is accepted and does not act.

use neargate_api::model::elbv2::{Listener, LoadBalancer, TargetGroup};
use neargate_api::{Inert, Snapshot};

use crate::ssl_policy;

pub fn inert(snapshot: &Snapshot) -> Vec<Inert> {
    let mut found = Vec::new();
    for balancer in snapshot.all::<LoadBalancer>() {
        for (name, on_aws) in BALANCER {
            if balancer.attribute(name) == "true" {
                found.push(Inert::new(&balancer.arn, *name, *on_aws));
            }
        }
    }
    for listener in snapshot.all::<Listener>() {
        for (name, value) in &listener.attributes {
            let default = name == "routing.http.response.server.enabled" && value == "true";
            if !default && !value.is_empty() {
                found.push(Inert::new(
                    &listener.arn,
                    name,
                    "AWS would change the headers of requests or responses accordingly.",
                ));
            }
        }
        if let Some(policy) =
            listener.ssl_policy.as_deref().filter(|p| ssl_policy::has_old_versions(p))
        {
            found.push(Inert::new(
                &listener.arn,
                "SslPolicy",
                format!("AWS would accept TLS 1.0 or 1.1 with {policy}; here 1.2 is the oldest."),
            ));
        }
    }
    for group in snapshot.all::<TargetGroup>() {
        for (name, default, on_aws) in GROUP {
            if group.attribute(name) != *default {
                found.push(Inert::new(&group.arn, *name, *on_aws));
            }
        }
    }
    found
}

/// Attributes that do not act when they are on.
const BALANCER: &[(&str, &str)] = &[
    ("connection_logs.s3.enabled", "AWS would write a line for each connection to the bucket."),
    ("health_check_logs.s3.enabled", "AWS would write health check results to the bucket."),
    ("zonal_shift.config.enabled", "AWS would let a zonal shift move traffic out of a zone."),
    ("waf.fail_open.enabled", "AWS would forward requests that its WAF cannot judge."),
];

/// Attributes that do not act when they are not at their default.
const GROUP: &[(&str, &str, &str)] = &[
    (
        "load_balancing.algorithm.anomaly_mitigation",
        "off",
        "AWS would send fewer requests to targets that fail more often than the others.",
    ),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        "AWS would route from each zone's node to targets of its own zone, if this is false.",
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
        "AWS would take a zone with fewer healthy targets out of DNS.",
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        "AWS would take a zone with fewer healthy targets out of DNS.",
    ),
];
