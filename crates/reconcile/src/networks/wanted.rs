//! What the network shall be, told from a snapshot: pure.

use std::collections::BTreeMap;

use neargate_api::Snapshot;
use neargate_api::model::ec2::{
    self, Cidr, InterfaceType, InternetGateway, NatGateway, NetworkInterface, RouteTable, RulePeer,
    SecurityGroup, SecurityGroupRule, Subnet, Vpc,
};
use neargate_net::{
    Direction, Egress, EniSpec, Ipv4Net, Mac, Peer, Ports, Protocol, Rule, VpcSpec,
};

/// The whole network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    pub vpcs: BTreeMap<String, VpcSpec>,
    pub groups: BTreeMap<String, Vec<Rule>>,
    pub interfaces: BTreeMap<String, EniSpec>,
}

/// The versions of the tables that this looks at: as long as they stay, so does the answer.
pub fn versions(snapshot: &Snapshot) -> [u64; 8] {
    [
        snapshot.version_of::<Vpc>(),
        snapshot.version_of::<Subnet>(),
        snapshot.version_of::<SecurityGroup>(),
        snapshot.version_of::<SecurityGroupRule>(),
        snapshot.version_of::<NetworkInterface>(),
        snapshot.version_of::<RouteTable>(),
        snapshot.version_of::<NatGateway>(),
        snapshot.version_of::<InternetGateway>(),
    ]
}

impl Wanted {
    pub fn of(snapshot: &Snapshot) -> Wanted {
        let vpcs = snapshot.all::<Vpc>().map(|vpc| {
            let cidrs = vpc.cidrs.iter().map(|c| net(c.cidr)).collect();
            (vpc.vpc_id.clone(), VpcSpec { id: vpc.vpc_id.clone(), cidrs })
        });
        let groups = snapshot.all::<SecurityGroup>().map(|group| {
            let rules = ec2::rules_of(snapshot, &group.region, &group.group_id);
            (group.group_id.clone(), rules.filter_map(|r| rule(&r)).collect())
        });
        // NAT gateways and endpoints have an address, but nothing of ours listens there.
        let interfaces = snapshot
            .all::<NetworkInterface>()
            .filter(|i| i.interface_type == InterfaceType::Interface && i.attachment.is_some())
            .map(|i| (i.interface_id.clone(), interface(snapshot, &i)));
        Wanted { vpcs: vpcs.collect(), groups: groups.collect(), interfaces: interfaces.collect() }
    }
}

fn net(cidr: Cidr) -> Ipv4Net {
    Ipv4Net::new(cidr.network(), cidr.prefix()).unwrap_or_default()
}

fn interface(snapshot: &Snapshot, interface: &NetworkInterface) -> EniSpec {
    let public = interface.public.is_some();
    let reach = ec2::routing::reach(snapshot, &interface.region, &interface.subnet_id, public);
    let egress = match reach.map(|reach| reach.internet) {
        Some(ec2::routing::Internet::Gateway { .. } | ec2::routing::Internet::Nat { .. }) => {
            Egress::Internet
        }
        _ => Egress::None,
    };
    EniSpec {
        eni_id: interface.interface_id.clone(),
        vpc_id: interface.vpc_id.clone(),
        ip: interface.private_ip,
        mac: mac(&interface.mac_address),
        security_groups: interface.security_group_ids.clone(),
        egress,
    }
}

fn mac(text: &str) -> Option<Mac> {
    let bytes: Option<Vec<u8>> =
        text.split(':').map(|part| u8::from_str_radix(part, 16).ok()).collect();
    Some(Mac(bytes?.try_into().ok()?))
}

/// A rule as the hand has it; `None` for IPv6, which our VPCs have no addresses of.
fn rule(rule: &SecurityGroupRule) -> Option<Rule> {
    let direction = if rule.egress { Direction::Egress } else { Direction::Ingress };
    let peer = match &rule.peer {
        RulePeer::Ipv4(cidr) => Peer::Cidrs(vec![net(*cidr)]),
        RulePeer::Group(id) => Peer::Group(id.clone()),
        RulePeer::PrefixList(id) => {
            let lists = ec2::prefix_lists(&rule.region).into_iter();
            Peer::Cidrs(
                lists.filter(|list| list.id == *id).flat_map(|list| list.cidrs).map(net).collect(),
            )
        }
        RulePeer::Ipv6(_) => return None,
    };
    Some(Rule { direction, protocol: protocol(rule), peer })
}

fn protocol(rule: &SecurityGroupRule) -> Protocol {
    let ports = || match (u16::try_from(rule.from_port), u16::try_from(rule.to_port)) {
        (Ok(from), Ok(to)) => Ports { from, to },
        _ => Ports::ALL,
    };
    match rule.protocol.as_str() {
        "tcp" | "6" => Protocol::Tcp(ports()),
        "udp" | "17" => Protocol::Udp(ports()),
        "icmp" | "1" => Protocol::Icmp {
            kind: u8::try_from(rule.from_port).ok(),
            code: u8::try_from(rule.to_port).ok(),
        },
        "-1" => Protocol::All,
        other => other.parse().map_or(Protocol::All, Protocol::Number),
    }
}
