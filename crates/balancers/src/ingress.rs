//! Whether clients of this machine get to a listener. They come by loopback,
//! without an address that a rule could name: they count as the internet.

use neargate_api::Snapshot;
use neargate_api::model::ec2::{Cidr, RulePeer, SecurityGroupRule, rules_of};
use neargate_api::model::elbv2::LoadBalancer;

/// Whether a rule of the load balancer's groups admits everybody at a TCP port.
pub fn admits_anyone(snapshot: &Snapshot, balancer: &LoadBalancer, port: u16) -> bool {
    balancer
        .security_group_ids
        .iter()
        .any(|group| rules_of(snapshot, &balancer.region, group).any(|rule| admits(&rule, port)))
}

fn admits(rule: &SecurityGroupRule, port: u16) -> bool {
    let ports = match rule.protocol.as_str() {
        "-1" => true,
        "tcp" | "6" => {
            let all = rule.from_port == -1;
            all || (rule.from_port..=rule.to_port).contains(&i32::from(port))
        }
        _ => false,
    };
    !rule.egress && ports && rule.peer == RulePeer::Ipv4(Cidr::ANYWHERE)
}

/// What is told of a listener that is not bound for this reason.
pub fn closed(port: u16) -> String {
    format!("no rule of the load balancer's security groups admits TCP port {port} from 0.0.0.0/0")
}
