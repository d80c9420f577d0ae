//! The load balancers for people: where they are reached, what could not be
//! bound and why, and how their targets are.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use neargate_api::Snapshot;
use neargate_api::model::elbv2::{
    LoadBalancer, TargetGroup, listeners_of, load_balancers_of, targets_of,
};
use neargate_lb::Problem;
use neargate_lb::observe::BindReport;

use crate::{config, ingress};

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerStatus {
    pub name: String,
    pub arn: String,
    pub dns_name: String,
    pub address: Ipv4Addr,
    pub listeners: Vec<ListenerStatus>,
    /// Target group's name → state → how many targets.
    pub targets: BTreeMap<String, BTreeMap<&'static str, usize>>,
}

/// One of its listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerStatus {
    pub port: u16,
    pub protocol: String,
    /// Where it can be reached now.
    pub bound: Vec<SocketAddr>,
    /// Why it cannot be reached, or not everywhere.
    pub problems: Vec<String>,
}

/// What the data plane told last.
#[derive(Default)]
pub struct Told {
    binds: Mutex<BTreeMap<SocketAddr, Result<(), String>>>,
    problems: Mutex<Vec<Problem>>,
}

impl Told {
    pub fn bind(&self, report: BindReport) {
        let mut binds = self.binds.lock().unwrap_or_else(PoisonError::into_inner);
        binds.insert(report.address, report.outcome);
    }

    pub fn problems(&self, problems: Vec<Problem>) {
        *self.problems.lock().unwrap_or_else(PoisonError::into_inner) = problems;
    }

    /// All load balancers, in the order of their names.
    pub fn status(&self, snapshot: &Snapshot) -> Vec<BalancerStatus> {
        let mut all: Vec<BalancerStatus> =
            snapshot.all::<LoadBalancer>().map(|b| self.of(snapshot, &b)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn of(&self, snapshot: &Snapshot, balancer: &LoadBalancer) -> BalancerStatus {
        let mut listeners: Vec<ListenerStatus> = listeners_of(snapshot, &balancer.arn)
            .map(|listener| {
                let (bound, problems) =
                    self.reached(snapshot, balancer, &listener.arn, listener.port);
                let protocol = listener.protocol.clone();
                ListenerStatus { port: listener.port, protocol, bound, problems }
            })
            .collect();
        listeners.sort_by_key(|listener| listener.port);
        BalancerStatus {
            name: balancer.name.clone(),
            arn: balancer.arn.clone(),
            dns_name: balancer.dns_name.clone(),
            address: balancer.address,
            listeners,
            targets: targets(snapshot, &balancer.arn),
        }
    }

    fn reached(
        &self,
        snapshot: &Snapshot,
        balancer: &LoadBalancer,
        arn: &str,
        port: u16,
    ) -> (Vec<SocketAddr>, Vec<String>) {
        if !ingress::admits_anyone(snapshot, balancer, port) {
            return (Vec::new(), vec![ingress::closed(port)]);
        }
        let known = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        let mut problems: Vec<String> =
            known.iter().filter(|p| *p.listener == *arn).map(|p| p.error.to_string()).collect();
        let binds = self.binds.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bound = Vec::new();
        for address in config::binds(balancer, port) {
            match binds.get(&address) {
                Some(Ok(())) => bound.push(address),
                Some(Err(why)) => problems.push(why.clone()),
                None => {}
            }
        }
        (bound, problems)
    }
}

fn targets(snapshot: &Snapshot, arn: &str) -> BTreeMap<String, BTreeMap<&'static str, usize>> {
    let mut all = BTreeMap::new();
    for group in snapshot.all::<TargetGroup>() {
        if load_balancers_of(snapshot, &group.arn).contains(arn) {
            let mut counts = BTreeMap::new();
            for target in targets_of(snapshot, &group.arn) {
                *counts.entry(target.state.as_str()).or_default() += 1;
            }
            all.insert(group.name.clone(), counts);
        }
    }
    all
}
