//! The names of load balancers as they resolve inside a VPC.

use std::net::Ipv4Addr;

use neargate_api::Snapshot;
use neargate_api::model::ec2::{NetworkInterface, key};
use neargate_api::model::elbv2::LoadBalancer;

/// The private addresses of the load balancer that has this name; `None` for a
/// name that is no load balancer's. From another VPC there is no way to it: no address.
pub fn addresses(snapshot: &Snapshot, vpc_id: &str, name: &str) -> Option<Vec<Ipv4Addr>> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let name = name.strip_prefix("dualstack.").unwrap_or(&name);
    let balancer = snapshot.all::<LoadBalancer>().find(|balancer| balancer.dns_name == name)?;
    if balancer.vpc_id != vpc_id {
        return Some(Vec::new());
    }
    let interface = |id: &String| snapshot.get::<NetworkInterface>(&key(&balancer.region, id));
    let nodes = balancer.nodes.iter().filter_map(|node| interface(&node.interface_id));
    Some(nodes.map(|interface| interface.private_ip).collect())
}
