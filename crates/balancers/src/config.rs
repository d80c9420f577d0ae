//! What the balancer is told, made of a snapshot: pure, but for the vault that
//! opens the private keys of certificates.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use neargate_api::model::acm;
use neargate_api::model::elbv2::{
    self, Listener, LoadBalancer, TargetGroup, listeners_of, rules_of, targets_of,
};
use neargate_api::{Snapshot, Vault};
use neargate_lb::config::{
    Algorithm, Attributes, Certificate, Config, DesyncMode, HealthCheck, ProtocolVersion,
    Stickiness, Target, TargetState, Tls, XffMode,
};

mod rules;
mod waf;

use crate::{cookies, ingress};

/// All load balancers, target groups and targets.
pub fn config(snapshot: &Snapshot, vault: &Vault) -> Config {
    let balancers = snapshot.all::<LoadBalancer>();
    let groups = snapshot.all::<TargetGroup>();
    Config {
        load_balancers: balancers.map(|b| load_balancer(snapshot, vault, &b)).collect(),
        target_groups: groups.map(|group| target_group(snapshot, &group)).collect(),
        cookie_key: cookies::key(snapshot, vault).unwrap_or_default(),
    }
}

fn load_balancer(
    snapshot: &Snapshot,
    vault: &Vault,
    balancer: &LoadBalancer,
) -> neargate_lb::config::LoadBalancer {
    let listeners = listeners_of(snapshot, &balancer.arn);
    neargate_lb::config::LoadBalancer {
        id: balancer.id().into(),
        dns_name: balancer.dns_name.clone(),
        attributes: Attributes {
            web_acl: waf::web_acl(snapshot, &balancer.arn),
            ..attributes(balancer)
        },
        listeners: listeners.map(|l| listener(snapshot, vault, balancer, &l)).collect(),
    }
}

fn attributes(balancer: &LoadBalancer) -> Attributes {
    let on = |name: &str| balancer.attribute(name) == "true";
    let number = |name: &str, default: u32| balancer.attribute(name).parse().unwrap_or(default);
    Attributes {
        idle_timeout_secs: number("idle_timeout.timeout_seconds", 60),
        client_keep_alive_secs: number("client_keep_alive.seconds", 3600),
        drop_invalid_header_fields: on("routing.http.drop_invalid_header_fields.enabled"),
        xff_mode: match balancer.attribute("routing.http.xff_header_processing.mode") {
            "preserve" => XffMode::Preserve,
            "remove" => XffMode::Remove,
            _ => XffMode::Append,
        },
        xff_client_port: on("routing.http.xff_client_port.enabled"),
        preserve_host_header: on("routing.http.preserve_host_header.enabled"),
        tls_headers: on("routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
        desync_mode: match balancer.attribute("routing.http.desync_mitigation_mode") {
            "monitor" => DesyncMode::Monitor,
            "strictest" => DesyncMode::Strictest,
            _ => DesyncMode::Defensive,
        },
        http2: on("routing.http2.enabled"),
        web_acl: None,
    }
}

fn listener(
    snapshot: &Snapshot,
    vault: &Vault,
    balancer: &LoadBalancer,
    listener: &Listener,
) -> neargate_lb::config::Listener {
    let open = ingress::admits_anyone(snapshot, balancer, listener.port);
    let rules = rules_of(snapshot, &listener.arn);
    neargate_lb::config::Listener {
        arn: listener.arn.as_str().into(),
        port: listener.port,
        binds: if open { binds(balancer, listener.port) } else { Vec::new() },
        tls: (listener.protocol == "HTTPS").then(|| tls(snapshot, vault, listener)),
        rules: rules.iter().map(|rule| rules::rule(rule)).collect(),
        default_action: rules::action(&listener.actions),
    }
}

/// Where a listener is bound: at the load balancer's own address, and at the
/// addresses that names under `localhost` resolve to, which all share.
pub fn binds(balancer: &LoadBalancer, port: u16) -> Vec<SocketAddr> {
    let all = [
        IpAddr::V4(balancer.address),
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    all.into_iter().map(|address| SocketAddr::new(address, port)).collect()
}

/// Without its default certificate, the listener has none and is told as a problem.
fn tls(snapshot: &Snapshot, vault: &Vault, listener: &Listener) -> Tls {
    let arns = listener.certificate_arn.iter().chain(&listener.extra_certificate_arns);
    Tls {
        policy: listener.ssl_policy.clone().unwrap_or_default(),
        certificates: arns.filter_map(|arn| certificate(snapshot, vault, arn)).collect(),
    }
}

fn certificate(snapshot: &Snapshot, vault: &Vault, arn: &str) -> Option<Certificate> {
    let record = snapshot.get::<acm::Certificate>(arn)?;
    let imported = record.imported()?;
    let key =
        vault.unseal(&acm::Certificate::private_key_label(arn), &imported.private_key).ok()?;
    Some(Certificate {
        arn: arn.into(),
        chain_pem: imported.full_chain(),
        key_pem: String::from_utf8(key).ok()?,
    })
}

fn target_group(snapshot: &Snapshot, group: &TargetGroup) -> neargate_lb::config::TargetGroup {
    let minimum = "target_group_health.unhealthy_state_routing.minimum_healthy_targets";
    neargate_lb::config::TargetGroup {
        arn: group.arn.as_str().into(),
        https: group.protocol == "HTTPS",
        protocol_version: match group.protocol_version.as_str() {
            "HTTP2" => ProtocolVersion::Http2,
            "GRPC" => ProtocolVersion::Grpc,
            _ => ProtocolVersion::Http1,
        },
        algorithm: match group.attribute("load_balancing.algorithm.type") {
            "least_outstanding_requests" => Algorithm::LeastOutstandingRequests,
            "weighted_random" => Algorithm::WeightedRandom,
            _ => Algorithm::RoundRobin,
        },
        stickiness: stickiness(group),
        slow_start_secs: group.number("slow_start.duration_seconds"),
        minimum_healthy_count: group.number(&format!("{minimum}.count")),
        minimum_healthy_percent: group.attribute(&format!("{minimum}.percentage")).parse().ok(),
        health_check: health_check(&group.health_check),
        targets: targets_of(snapshot, &group.arn).filter_map(|t| target(&t)).collect(),
    }
}

fn stickiness(group: &TargetGroup) -> Option<Stickiness> {
    if group.attribute("stickiness.enabled") != "true" {
        return None;
    }
    Some(match group.attribute("stickiness.type") {
        "app_cookie" => Stickiness::AppCookie {
            name: group.attribute("stickiness.app_cookie.cookie_name").to_owned(),
            duration_secs: group.number("stickiness.app_cookie.duration_seconds"),
        },
        _ => Stickiness::LbCookie {
            duration_secs: group.number("stickiness.lb_cookie.duration_seconds"),
        },
    })
}

fn health_check(check: &elbv2::HealthCheck) -> HealthCheck {
    HealthCheck {
        https: check.protocol == "HTTPS",
        path: check.path.clone(),
        port: check.port.parse().ok(),
        interval_secs: check.interval_secs,
        timeout_secs: check.timeout_secs,
        healthy_threshold: check.healthy_threshold,
        unhealthy_threshold: check.unhealthy_threshold,
        matcher: check.matcher.clone(),
    }
}

/// An unused target counts as new: it is checked once its group is in use.
fn target(target: &elbv2::Target) -> Option<Target> {
    let ip: IpAddr = target.ip.parse().ok()?;
    let state = match target.state {
        elbv2::TargetState::Healthy => TargetState::Healthy,
        elbv2::TargetState::Unhealthy => TargetState::Unhealthy,
        elbv2::TargetState::Draining => {
            TargetState::Draining { until: target.drains_until.unwrap_or(target.registered_at) }
        }
        elbv2::TargetState::Initial
        | elbv2::TargetState::Unused
        | elbv2::TargetState::Unavailable => TargetState::Initial,
    };
    Some(Target { address: SocketAddr::new(ip, target.port), state })
}

#[cfg(test)]
mod tests;
