//! A load balancer's nodes: an interface in each of its subnets.

use std::collections::BTreeMap;

use neargate_api::model::ec2::{
    AllocateError, InterfaceSpec, InternetGateway, SecurityGroup, Subnet, allocate_interface,
    default_group, key, prefix, release_interface,
};
use neargate_api::model::elbv2::{Node, Scheme};
use neargate_api::types::elbv2::{SubnetMapping, error};
use neargate_api::{AwsError, Rng, Snapshot, Timestamp, Tx};

use crate::{invalid, refused};

/// The subnets that are asked for, in either of the two forms.
pub fn subnet_ids(
    subnets: Option<Vec<String>>,
    mappings: Option<Vec<SubnetMapping>>,
) -> Result<Vec<String>, AwsError> {
    let subnets = subnets.unwrap_or_default();
    let mappings = mappings.unwrap_or_default();
    if !subnets.is_empty() && !mappings.is_empty() {
        return Err(invalid("You cannot specify both subnets and subnet mappings"));
    }
    if mappings.iter().any(|m| m.allocation_id.is_some()) {
        return Err(error::invalid_configuration_request_exception(
            "Elastic IP addresses are not supported for load balancers of type 'application'",
        ));
    }
    if mappings.iter().any(|m| m.private_i_pv4_address.is_some() || m.i_pv6_address.is_some()) {
        return Err(error::invalid_configuration_request_exception(
            "Addresses cannot be specified for load balancers of type 'application'",
        ));
    }
    Ok(subnets.into_iter().chain(mappings.into_iter().filter_map(|m| m.subnet_id)).collect())
}

/// What a load balancer with these subnets is in: their VPC. Refuses sets of
/// subnets that AWS does not take.
pub fn vpc_of(
    snapshot: &Snapshot,
    region: &str,
    subnet_ids: &[String],
    scheme: Scheme,
) -> Result<String, AwsError> {
    let mut zones: BTreeMap<String, String> = BTreeMap::new();
    let mut vpc: Option<String> = None;
    for id in subnet_ids {
        let subnet = snapshot.get::<Subnet>(&key(region, id)).ok_or_else(|| {
            error::subnet_not_found_exception(format!("The subnet ID '{id}' does not exist"))
        })?;
        if zones.insert(subnet.zone.clone(), id.clone()).is_some() {
            return Err(error::invalid_configuration_request_exception(
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            ));
        }
        match &vpc {
            Some(known) if *known != subnet.vpc_id => {
                return Err(error::invalid_configuration_request_exception(
                    "All subnets must belong to the same VPC",
                ));
            }
            _ => vpc = Some(subnet.vpc_id.clone()),
        }
    }
    let Some(vpc) = vpc.filter(|_| zones.len() >= 2) else {
        return Err(invalid(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    };
    let mut gateways = snapshot.scan::<InternetGateway>(&prefix(region));
    let open = gateways.any(|gateway| gateway.vpc_id.as_ref() == Some(&vpc));
    if scheme == Scheme::InternetFacing && !open {
        return Err(error::invalid_subnet_exception(format!("VPC {vpc} has no internet gateway")));
    }
    Ok(vpc)
}

/// The security groups that are asked for, or the VPC's default one.
pub fn groups(
    snapshot: &Snapshot,
    region: &str,
    vpc_id: &str,
    asked: Vec<String>,
) -> Result<Vec<String>, AwsError> {
    for id in &asked {
        match snapshot.get::<SecurityGroup>(&key(region, id)) {
            Some(group) if group.vpc_id == vpc_id => {}
            Some(_) => {
                return Err(error::invalid_configuration_request_exception(format!(
                    "The security group '{id}' does not belong to VPC '{vpc_id}'"
                )));
            }
            None => {
                return Err(error::invalid_security_group_exception(format!(
                    "The security group '{id}' does not exist"
                )));
            }
        }
    }
    if !asked.is_empty() {
        return Ok(asked);
    }
    Ok(default_group(snapshot, region, vpc_id).map(|g| g.group_id.clone()).into_iter().collect())
}

/// What new nodes are like.
pub struct NodeSpec {
    pub region: String,
    /// `app/<name>/<id>`
    pub balancer_id: String,
    pub scheme: Scheme,
    pub security_group_ids: Vec<String>,
}

/// A node in the subnet.
pub fn open(
    tx: &mut Tx,
    spec: &NodeSpec,
    subnet_id: &str,
    rng: &Rng,
    now: Timestamp,
) -> Result<Node, AwsError> {
    let interface = InterfaceSpec {
        region: spec.region.clone(),
        subnet_id: subnet_id.to_owned(),
        security_group_ids: spec.security_group_ids.clone(),
        description: format!("ELB {}", spec.balancer_id),
        requester_id: Some("amazon-elb".into()),
        assign_public_ip: spec.scheme == Scheme::InternetFacing,
        ..InterfaceSpec::default()
    };
    let interface = allocate_interface(tx, interface, rng, now).map_err(told)?;
    Ok(Node {
        subnet_id: interface.subnet_id,
        zone: interface.zone,
        interface_id: interface.interface_id,
    })
}

/// Takes nodes away.
pub fn close(tx: &mut Tx, region: &str, nodes: &[Node]) {
    for node in nodes {
        release_interface(tx, region, &node.interface_id);
    }
}

fn told(error: AllocateError) -> AwsError {
    match error {
        AllocateError::NoSubnet(_) => error::subnet_not_found_exception(error.to_string()),
        AllocateError::NoGroup(_) | AllocateError::OtherVpc { .. } => {
            error::invalid_security_group_exception(error.to_string())
        }
        AllocateError::NoFreeAddress(_) => error::invalid_subnet_exception(error.to_string()),
        _ => invalid(error.to_string()),
    }
}

/// Refuses what is not `ipv4`.
pub fn check_ip_address_type(asked: &str) -> Result<(), AwsError> {
    match asked {
        "ipv4" => Ok(()),
        other => Err(refused(format!(
            "Neargate's VPCs have no IPv6 addresses: a load balancer cannot be '{other}'. Use 'ipv4'."
        ))),
    }
}
