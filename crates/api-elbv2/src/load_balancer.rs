//! Load balancers: what their operations share.

pub mod attributes;
pub mod capacity;
pub mod create;
pub mod delete;
pub mod describe;
mod nodes;
pub mod set_ip_address_type;
pub mod set_security_groups;
pub mod set_subnets;

use std::sync::Arc;

use neargate_api::model::elbv2::{LoadBalancer, Node};
use neargate_api::types::elbv2::{self, error};
use neargate_api::{AwsError, Snapshot};

/// The load balancer of an ARN.
pub fn find(snapshot: &Snapshot, arn: &str) -> Result<Arc<LoadBalancer>, AwsError> {
    snapshot.get::<LoadBalancer>(arn).ok_or_else(|| not_found(arn))
}

pub fn not_found(arn: &str) -> AwsError {
    error::load_balancer_not_found_exception(format!("Load balancer '{arn}' not found"))
}

/// As the API shows it. There is no provisioning here that takes time.
pub fn shown(balancer: &LoadBalancer) -> elbv2::LoadBalancer {
    elbv2::LoadBalancer {
        load_balancer_arn: Some(balancer.arn.clone()),
        load_balancer_name: Some(balancer.name.clone()),
        dns_name: Some(balancer.dns_name.clone()),
        canonical_hosted_zone_id: Some(hosted_zone(&balancer.region).into()),
        created_time: Some(balancer.created_at),
        scheme: Some(balancer.scheme.as_str().into()),
        vpc_id: Some(balancer.vpc_id.clone()),
        state: Some(elbv2::LoadBalancerState { code: Some("active".into()), reason: None }),
        r#type: Some("application".into()),
        availability_zones: Some(zones(&balancer.nodes)),
        security_groups: Some(balancer.security_group_ids.clone()),
        ip_address_type: Some(balancer.ip_address_type.clone()),
        ..elbv2::LoadBalancer::default()
    }
}

/// The nodes as the API shows them.
fn zones(nodes: &[Node]) -> Vec<elbv2::AvailabilityZone> {
    let zone = |node: &Node| elbv2::AvailabilityZone {
        zone_name: Some(node.zone.clone()),
        subnet_id: Some(node.subnet_id.clone()),
        load_balancer_addresses: Some(Vec::new()),
        ..elbv2::AvailabilityZone::default()
    };
    nodes.iter().map(zone).collect()
}

/// The hosted zone that a region's load balancers have their names in.
/// Source: "Elastic Load Balancing endpoints and quotas" in the AWS general reference.
fn hosted_zone(region: &str) -> &'static str {
    match region {
        "af-south-1" => "Z268VQBMOI5EKX",
        "ap-east-1" => "Z3DQVH9N71FHZ0",
        "ap-northeast-1" => "Z14GRHDCWA56QT",
        "ap-northeast-2" => "ZWKZPGTI48KDX",
        "ap-northeast-3" => "Z5LXEXXYW11ES",
        "ap-south-1" => "ZP97RAFLXTNZK",
        "ap-southeast-1" => "Z1LMS91P8CMLE5",
        "ap-southeast-2" => "Z1GM3OXH4ZPM65",
        "ca-central-1" => "ZQSVJUPU6J1EY",
        "eu-central-1" => "Z215JYRZR1TBD5",
        "eu-north-1" => "Z23TAZ6LKFMNIO",
        "eu-south-1" => "Z3ULH7SSC9OV64",
        "eu-west-1" => "Z32O12XQLNTSW2",
        "eu-west-2" => "ZHURV8PSTC4K8",
        "eu-west-3" => "Z3Q77PNBQS71R4",
        "me-south-1" => "ZS929ML54UICD",
        "sa-east-1" => "Z2P70J7HTTTPLU",
        "us-east-2" => "Z3AADJGX6KTTL2",
        "us-west-1" => "Z368ELLRRE2KJ0",
        "us-west-2" => "Z1H1FL5HABSF5",
        _ => "Z35SXDOTRQ7X7K",
    }
}
