//! VPC endpoints: private ways to AWS's services.

pub mod create;
pub mod delete;
pub mod describe;
pub mod modify;

use std::collections::BTreeSet;

use neargate_api::model::ec2::{
    EndpointKind, EndpointService, InterfaceSpec, InterfaceType, NetworkInterface, RouteTable,
    Subnet, Vpc, VpcEndpoint, allocate_interface, key, prefix_lists,
};
use neargate_api::types::ec2;
use neargate_api::{AwsError, Ctx, Snapshot, Tx};

use crate::resource::{all, find};
use crate::{error, security_group, tag};

/// The zone of Route 53 that the names of endpoints are in.
const HOSTED_ZONE: &str = "Z1YSA3EXCYUU9Z";

/// What an endpoint's policy is when none is given: everything is allowed.
const FULL_ACCESS: &str = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}"#;

/// An endpoint as the wire has it.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, endpoint: &VpcEndpoint) -> ec2::VpcEndpoint {
    let region = &endpoint.region;
    let of_interface = endpoint.kind == EndpointKind::Interface;
    let groups = security_group::identifiers(snapshot, region, &endpoint.security_group_ids);
    let groups = groups.into_iter().map(|(id, name)| ec2::SecurityGroupIdentifier {
        group_id: Some(id),
        group_name: Some(name),
    });
    let record_type = if of_interface { "ipv4" } else { "service-defined" };
    ec2::VpcEndpoint {
        vpc_endpoint_id: Some(endpoint.endpoint_id.clone()),
        vpc_endpoint_type: Some(endpoint.kind.as_str().into()),
        vpc_id: Some(endpoint.vpc_id.clone()),
        service_name: Some(endpoint.service_name.clone()),
        service_region: Some(region.clone()),
        state: Some(endpoint.state.as_str().into()),
        policy_document: Some(endpoint.policy.clone().unwrap_or_else(|| FULL_ACCESS.into())),
        route_table_ids: Some(endpoint.route_table_ids.clone()),
        subnet_ids: Some(endpoint.subnet_ids.clone()),
        groups: Some(groups.collect()),
        network_interface_ids: Some(endpoint.interface_ids.clone()),
        dns_entries: Some(dns_entries(snapshot, endpoint)),
        dns_options: Some(ec2::DnsOptions {
            dns_record_ip_type: Some(record_type.into()),
            ..ec2::DnsOptions::default()
        }),
        ip_address_type: Some("ipv4".into()),
        private_dns_enabled: Some(endpoint.private_dns_enabled),
        requester_managed: Some(false),
        creation_timestamp: Some(endpoint.created_at),
        owner_id: Some(ctx.account().into()),
        tags: tag::shown(snapshot, region, &endpoint.endpoint_id),
        ..ec2::VpcEndpoint::default()
    }
}

/// The names of an interface endpoint: its own, one for each zone, and, with
/// private DNS, the service's.
fn dns_entries(snapshot: &Snapshot, endpoint: &VpcEndpoint) -> Vec<ec2::DnsEntry> {
    if endpoint.kind == EndpointKind::Gateway {
        return Vec::new();
    }
    let VpcEndpoint { endpoint_id, dns_suffix, region, .. } = endpoint;
    let tail = format!("{}.{region}.vpce.amazonaws.com", endpoint.service());
    let interfaces = endpoint.interface_ids.iter();
    let zones: BTreeSet<String> = interfaces
        .filter_map(|id| snapshot.get::<NetworkInterface>(&key(region, id)))
        .map(|interface| interface.zone.clone())
        .collect();
    let own = std::iter::once(format!("{endpoint_id}-{dns_suffix}.{tail}"));
    let zonal = zones.into_iter().map(|zone| format!("{endpoint_id}-{dns_suffix}-{zone}.{tail}"));
    let private = EndpointService::find(region, &endpoint.service_name)
        .filter(|_| endpoint.private_dns_enabled)
        .map(|service| service.private_dns_name(region));
    // The private zone is the endpoint's own, and goes with it.
    let private_zone = format!("Z{}", endpoint_id.trim_start_matches("vpce-").to_uppercase());
    own.chain(zonal)
        .map(|name| (name, HOSTED_ZONE.to_owned()))
        .chain(private.map(|name| (name, private_zone.clone())))
        .map(|(name, zone)| ec2::DnsEntry { dns_name: Some(name), hosted_zone_id: Some(zone) })
        .collect()
}

/// Route tables of the endpoint's VPC, none of which has another endpoint of its service.
fn check_tables(
    snapshot: &Snapshot,
    endpoint: &VpcEndpoint,
    tables: &[String],
) -> Result<(), AwsError> {
    let region = &endpoint.region;
    for id in tables {
        let table = find::<RouteTable>(snapshot, region, id).map_err(|_| {
            let message = format!("The routeTable ID '{id}' does not exist");
            error::of("InvalidRouteTableId.NotFound", message)
        })?;
        if table.vpc_id != endpoint.vpc_id {
            let message = format!("Route table {id} does not belong to VPC {}", endpoint.vpc_id);
            return Err(error::of("InvalidParameter", message));
        }
        let other = all::<VpcEndpoint>(snapshot, region).any(|other| {
            other.endpoint_id != endpoint.endpoint_id
                && other.service_name == endpoint.service_name
                && other.kind == EndpointKind::Gateway
                && other.route_table_ids.contains(id)
        });
        if other {
            let lists = prefix_lists(region);
            let list = lists.iter().find(|list| list.name == endpoint.service_name);
            let message = format!(
                "route table {id} already has a route with destination-prefix-list-id {}",
                list.map_or("", |list| &list.id)
            );
            return Err(error::of("RouteAlreadyExists", message));
        }
    }
    Ok(())
}

/// Puts an interface of the endpoint into each of these subnets, which are in
/// zones of their own.
fn enter_subnets(
    tx: &mut Tx,
    ctx: &Ctx,
    endpoint: &mut VpcEndpoint,
    subnets: &[(String, Option<std::net::Ipv4Addr>)],
) -> Result<(), AwsError> {
    for (subnet_id, private_ip) in subnets {
        let subnet = tx.get::<Subnet>(&key(&ctx.region, subnet_id)).ok_or_else(|| {
            let message = format!("The subnet ID '{subnet_id}' does not exist");
            error::of("InvalidSubnetId.NotFound", message)
        })?;
        if subnet.vpc_id != endpoint.vpc_id {
            let message = format!("Subnet {subnet_id} does not belong to VPC {}", endpoint.vpc_id);
            return Err(error::of("InvalidParameter", message));
        }
        let same_zone = endpoint
            .subnet_ids
            .iter()
            .filter_map(|id| tx.get::<Subnet>(&key(&ctx.region, id)))
            .any(|other| other.zone == subnet.zone);
        if same_zone {
            let message = format!(
                "Found another VPC endpoint subnet in the availability zone of {subnet_id}. VPC \
                 endpoint subnets should be in different availability zones supported by the VPC \
                 endpoint service."
            );
            return Err(error::of("DuplicateSubnetsInSameZone", message));
        }
        let spec = InterfaceSpec {
            region: ctx.region.clone(),
            subnet_id: subnet_id.clone(),
            security_group_ids: endpoint.security_group_ids.clone(),
            description: format!("VPC Endpoint Interface {}", endpoint.endpoint_id),
            interface_type: InterfaceType::VpcEndpoint,
            requester_id: Some("amazon-aws".into()),
            private_ip: *private_ip,
            ..InterfaceSpec::default()
        };
        let interface = allocate_interface(tx, spec, ctx.rng(), ctx.now)
            .map_err(|failed| error::allocation(&failed))?;
        endpoint.subnet_ids.push(subnet_id.clone());
        endpoint.interface_ids.push(interface.interface_id);
    }
    Ok(())
}

/// Private DNS needs names in the VPC, and that no other endpoint has the same.
fn check_private_dns(snapshot: &Snapshot, endpoint: &VpcEndpoint) -> Result<(), AwsError> {
    if !endpoint.private_dns_enabled {
        return Ok(());
    }
    let (region, vpc_id) = (&endpoint.region, &endpoint.vpc_id);
    let vpc = find::<Vpc>(snapshot, region, vpc_id)?;
    if !vpc.enable_dns_support || !vpc.enable_dns_hostnames {
        let message = format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC \
             attributes set to true for {vpc_id}"
        );
        return Err(error::of("InvalidParameter", message));
    }
    let same = all::<VpcEndpoint>(snapshot, region).any(|other| {
        other.endpoint_id != endpoint.endpoint_id
            && other.vpc_id == *vpc_id
            && other.service_name == endpoint.service_name
            && other.private_dns_enabled
    });
    match same {
        true => {
            let service = EndpointService::find(region, &endpoint.service_name);
            let name = service.map(|service| service.private_dns_name(region)).unwrap_or_default();
            let message = format!(
                "private-dns-enabled cannot be set because there is already a conflicting DNS \
                 domain for {name} in the VPC {vpc_id}"
            );
            Err(error::of("InvalidParameter", message))
        }
        false => Ok(()),
    }
}
