//! What an interface of a subnet can reach: which route table applies, where a
//! destination's traffic goes, whether that is the internet, and which of
//! AWS's services have an endpoint on the way.
//!
//! Pure: a snapshot in, an answer out, and for every "no" the reason. What
//! keeps to it is the network's hand. Security groups are asked elsewhere.

use std::net::Ipv4Addr;
use std::sync::Arc;

use neargate_store::Snapshot;

use super::{
    Cidr, EndpointKind, EndpointService, EndpointState, InternetGateway, NatGateway, NatState,
    NetworkInterface, RouteTable, RouteTarget, Subnet, Vpc, VpcEndpoint, key, prefix, prefix_lists,
};

/// What interfaces of one subnet can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    pub route_table_id: String,
    pub internet: Internet,
    pub endpoints: Vec<ReachableEndpoint>,
}

/// The way to the internet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Internet {
    /// Through an internet gateway, by the interface's own public address.
    Gateway { gateway_id: String },
    /// Through a NAT gateway, whose public address the other side sees.
    Nat { nat_gateway_id: String, public_ip: Ipv4Addr },
    /// None, and why.
    None { reason: String },
}

/// An endpoint on the way to a service of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachableEndpoint {
    pub endpoint_id: String,
    /// `s3`, `ecr.api`
    pub service: String,
    pub kind: EndpointKind,
    /// The service's own name, where it resolves to this endpoint in the VPC
    /// (`*.` stands for one label).
    pub private_dns_name: Option<String>,
    /// The addresses of an interface endpoint.
    pub addresses: Vec<Ipv4Addr>,
    /// The groups that guard those addresses.
    pub security_group_ids: Vec<String>,
}

/// Where a table sends a destination's traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hop {
    /// It stays in the VPC.
    Local,
    To(RouteTarget),
    /// To a gateway endpoint.
    Endpoint(String),
    /// No route: it is dropped.
    None,
}

/// What an interface in this subnet can reach; `None` when there is no such subnet.
pub fn reach(
    snapshot: &Snapshot,
    region: &str,
    subnet_id: &str,
    has_public_ip: bool,
) -> Option<Reach> {
    let subnet = snapshot.get::<Subnet>(&key(region, subnet_id))?;
    let table = RouteTable::of_subnet(snapshot, region, &subnet.vpc_id, subnet_id)?;
    Some(Reach {
        route_table_id: table.route_table_id.clone(),
        internet: internet(snapshot, &table, has_public_ip),
        endpoints: endpoints(snapshot, region, &subnet.vpc_id, &table.route_table_id),
    })
}

/// Where `table` sends traffic for `destination`: the longest prefix wins.
pub fn next_hop(snapshot: &Snapshot, table: &RouteTable, destination: Ipv4Addr) -> Hop {
    let mut best: (Option<u8>, Hop) = (None, Hop::None);
    let mut offer = |cidr: Cidr, hop: Hop| {
        if cidr.contains(destination) && best.0.is_none_or(|length| cidr.prefix() > length) {
            best = (Some(cidr.prefix()), hop);
        }
    };
    let vpc = snapshot.get::<Vpc>(&key(&table.region, &table.vpc_id));
    for own in vpc.iter().flat_map(|vpc| &vpc.cidrs) {
        offer(own.cidr, Hop::Local);
    }
    for route in &table.routes {
        for cidr in blocks(&table.region, &route.destination) {
            offer(cidr, Hop::To(route.target.clone()));
        }
    }
    for endpoint in gateway_endpoints(snapshot, &table.region, &table.route_table_id) {
        let lists = prefix_lists(&table.region);
        let list = lists.into_iter().find(|list| list.name == endpoint.service_name);
        for cidr in list.into_iter().flat_map(|list| list.cidrs) {
            offer(cidr, Hop::Endpoint(endpoint.endpoint_id.clone()));
        }
    }
    best.1
}

/// The IPv4 blocks that a route's destination means.
fn blocks(region: &str, destination: &str) -> Vec<Cidr> {
    if let Ok(cidr) = destination.parse() {
        return vec![cidr];
    }
    let lists = prefix_lists(region).into_iter();
    lists.filter(|list| list.id == destination).flat_map(|list| list.cidrs).collect()
}

/// An address that is nobody's and stands for the internet: only a default
/// route matches it. (RFC 5737 keeps 192.0.2.0/24 for documentation, and the
/// network's own address of it is never assigned.)
const SOMEWHERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 0);

fn internet(snapshot: &Snapshot, table: &RouteTable, has_public_ip: bool) -> Internet {
    let none = |reason: String| Internet::None { reason };
    let table_id = &table.route_table_id;
    match next_hop(snapshot, table, SOMEWHERE) {
        Hop::To(RouteTarget::InternetGateway(gateway_id)) => {
            if !is_attached(snapshot, table, &gateway_id) {
                return none(format!(
                    "{gateway_id}, to which {table_id} has its default route, is not attached to {}",
                    table.vpc_id
                ));
            }
            if !has_public_ip {
                return none(format!(
                    "the default route of {table_id} is to {gateway_id}, which needs a public IP \
                     address, and the interface has none"
                ));
            }
            Internet::Gateway { gateway_id }
        }
        Hop::To(RouteTarget::NatGateway(nat_gateway_id)) => {
            through_nat(snapshot, &table.region, nat_gateway_id)
        }
        Hop::To(target) => none(format!(
            "the default route of {table_id} is to {}, which passes nothing on",
            target.id()
        )),
        Hop::Local | Hop::Endpoint(_) | Hop::None => {
            none(format!("{table_id} has no route to the internet"))
        }
    }
}

/// A NAT gateway leads out when it is available and public, and when its own
/// subnet's default route is to an internet gateway.
fn through_nat(snapshot: &Snapshot, region: &str, nat_gateway_id: String) -> Internet {
    let none = |reason: String| Internet::None { reason };
    let nat = snapshot.get::<NatGateway>(&key(region, &nat_gateway_id));
    let Some(nat) = nat.filter(|nat| nat.state == NatState::Available) else {
        return none(format!("the NAT gateway {nat_gateway_id} of the default route is not there"));
    };
    let Some(public_ip) = nat.addresses.iter().find_map(|address| address.public_ip) else {
        return none(format!("the NAT gateway {nat_gateway_id} is private"));
    };
    let table = RouteTable::of_subnet(snapshot, region, &nat.vpc_id, &nat.subnet_id);
    let hop = table.as_ref().map(|table| next_hop(snapshot, table, SOMEWHERE));
    match (table, hop) {
        (Some(table), Some(Hop::To(RouteTarget::InternetGateway(gateway_id))))
            if is_attached(snapshot, &table, &gateway_id) =>
        {
            Internet::Nat { nat_gateway_id, public_ip }
        }
        _ => none(format!(
            "the subnet {} of the NAT gateway {nat_gateway_id} has no route to an internet gateway",
            nat.subnet_id
        )),
    }
}

fn is_attached(snapshot: &Snapshot, table: &RouteTable, gateway_id: &str) -> bool {
    let gateway = snapshot.get::<InternetGateway>(&key(&table.region, gateway_id));
    gateway.is_some_and(|gateway| gateway.vpc_id.as_deref() == Some(&table.vpc_id))
}

fn gateway_endpoints<'a>(
    snapshot: &'a Snapshot,
    region: &str,
    route_table_id: &'a str,
) -> impl Iterator<Item = Arc<VpcEndpoint>> + use<'a> {
    available(snapshot, region)
        .filter(|e| e.kind == EndpointKind::Gateway)
        .filter(move |e| e.route_table_ids.iter().any(|id| id == route_table_id))
}

fn available<'a>(
    snapshot: &'a Snapshot,
    region: &str,
) -> impl Iterator<Item = Arc<VpcEndpoint>> + use<'a> {
    let all = snapshot.scan::<VpcEndpoint>(&prefix(region));
    all.filter(|e| e.state == EndpointState::Available)
}

/// Gateway endpoints of the table, and interface endpoints of the whole VPC,
/// which any of its subnets can reach.
fn endpoints(
    snapshot: &Snapshot,
    region: &str,
    vpc_id: &str,
    route_table_id: &str,
) -> Vec<ReachableEndpoint> {
    let vpc = snapshot.get::<Vpc>(&key(region, vpc_id));
    let resolves = vpc.is_some_and(|vpc| vpc.enable_dns_support && vpc.enable_dns_hostnames);
    let interfaces = available(snapshot, region)
        .filter(|e| e.kind == EndpointKind::Interface && e.vpc_id == vpc_id);
    gateway_endpoints(snapshot, region, route_table_id)
        .chain(interfaces)
        .map(|endpoint| ReachableEndpoint {
            endpoint_id: endpoint.endpoint_id.clone(),
            service: endpoint.service().to_owned(),
            kind: endpoint.kind,
            private_dns_name: EndpointService::find(region, &endpoint.service_name)
                .filter(|_| resolves && endpoint.private_dns_enabled)
                .map(|service| service.private_dns_name(region)),
            addresses: endpoint
                .interface_ids
                .iter()
                .filter_map(|id| snapshot.get::<NetworkInterface>(&key(region, id)))
                .map(|interface| interface.private_ip)
                .collect(),
            security_group_ids: endpoint.security_group_ids.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
