//! The metrics of `AWS/ApplicationELB`: what load balancers have carried in a minute, and how their
//! targets are when it ends. Pure.
//!
//! Each metric has AWS's sets of dimensions, and is told by AWS's reporting criteria: mostly when
//! it is not zero. A client on this machine comes to no node of its own, and counts for the zone
//! of the first. No connection is ever rejected for want of room, so that
//! `RejectedConnectionCount` is never other than zero, which AWS does not report.
//!
//! Sources: "CloudWatch metrics for your Application Load Balancer" in its guide, and the list of
//! `AWS/ApplicationELB`'s metrics and dimensions in the CloudWatch guide.

mod capacity;
mod metrics;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use neargate_api::Snapshot;
use neargate_api::model::ec2::{NetworkInterface, key};
use neargate_api::model::elbv2::{
    LoadBalancer, TargetGroup, TargetState, load_balancers_of, targets_of,
};
use neargate_balancers::{Carried, Counts};

use crate::told::Told;

/// Tells all load balancers.
pub fn tell(snapshot: &Snapshot, carried: &Carried, told: &mut Told) {
    let mut groups: HashMap<String, Vec<Group>> = HashMap::new();
    for group in snapshot.all::<TargetGroup>() {
        for balancer in load_balancers_of(snapshot, &group.arn) {
            groups.entry(balancer).or_default().push(Group::of(snapshot, &group));
        }
    }
    for balancer in snapshot.all::<LoadBalancer>() {
        let groups = groups.remove(&balancer.arn).unwrap_or_default();
        Minute::of(snapshot, &balancer, groups, carried).tell(told);
    }
}

/// A load balancer's minute.
struct Minute {
    region: String,
    /// `app/<name>/<id>`
    id: String,
    zones: Vec<String>,
    groups: Vec<Group>,
    /// By target group (`targetgroup/<name>/<id>`) and zone.
    counts: BTreeMap<(Option<String>, String), Counts>,
    active_connections: i64,
}

/// A target group of it.
struct Group {
    /// `targetgroup/<name>/<id>`
    id: String,
    is_sticky: bool,
    /// By zone; the others are new, or draining.
    healthy: BTreeMap<String, u32>,
    unhealthy: BTreeMap<String, u32>,
}

impl Group {
    fn of(snapshot: &Snapshot, group: &TargetGroup) -> Self {
        let (mut healthy, mut unhealthy) = (BTreeMap::new(), BTreeMap::new());
        for target in targets_of(snapshot, &group.arn) {
            let zone = target.zone.clone().unwrap_or_default();
            match target.state {
                TargetState::Healthy => *healthy.entry(zone).or_default() += 1,
                TargetState::Unhealthy => *unhealthy.entry(zone).or_default() += 1,
                _ => {}
            }
        }
        let is_sticky = group.attribute("stickiness.enabled") == "true";
        Group { id: group_id(&group.arn), is_sticky, healthy, unhealthy }
    }

    /// Those that requests go to: all, where none is healthy.
    fn targets(&self) -> u32 {
        let sum = |of: &BTreeMap<String, u32>| of.values().sum();
        match sum(&self.healthy) {
            0 => sum(&self.unhealthy),
            healthy => healthy,
        }
    }
}

impl Minute {
    fn of(
        snapshot: &Snapshot,
        balancer: &LoadBalancer,
        groups: Vec<Group>,
        carried: &Carried,
    ) -> Self {
        let zones: Vec<String> = balancer.nodes.iter().map(|node| node.zone.clone()).collect();
        let first = zones.first().cloned().unwrap_or_default();
        let mut zone_of: HashMap<IpAddr, String> = HashMap::new();
        for node in &balancer.nodes {
            let id = key(&balancer.region, &node.interface_id);
            if let Some(interface) = snapshot.get::<NetworkInterface>(&id) {
                zone_of.insert(interface.private_ip.into(), node.zone.clone());
            }
        }
        let id = balancer.id().to_owned();
        let mut counts: BTreeMap<_, Counts> = BTreeMap::new();
        for (place, own) in carried.counts.iter().filter(|(p, _)| *p.load_balancer == *id) {
            let zone = zone_of.get(&place.node).unwrap_or(&first).clone();
            let group = place.target_group.as_deref().map(group_id);
            counts.entry((group, zone)).or_default().add(own.clone());
        }
        let active_connections = carried.active.get(id.as_str()).copied().unwrap_or(0);
        let region = balancer.region.clone();
        Minute { region, id, zones, groups, counts, active_connections }
    }
}

/// `targetgroup/<name>/<id>`, out of the ARN.
fn group_id(arn: &str) -> String {
    arn.rsplit(':').next().unwrap_or(arn).to_owned()
}

#[cfg(test)]
mod tests;
