//! An Application Load Balancer: its nodes in the VPC, and where this machine reaches it.

use std::net::Ipv4Addr;

use neargate_ids::Timestamp;
use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

use super::attributes::{LOAD_BALANCER_ATTRIBUTES, value_of};
use crate::Tags;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    pub region: String,
    /// `arn:…:loadbalancer/app/<name>/<16 hexadecimal digits>`
    pub arn: String,
    /// Unique in its region.
    pub name: String,
    /// `<name>-<number>.<region>.elb.localhost`
    pub dns_name: String,
    pub scheme: Scheme,
    pub vpc_id: String,
    pub security_group_ids: Vec<String>,
    /// `ipv4`
    pub ip_address_type: String,
    /// One in each of its zones.
    pub nodes: Vec<Node>,
    /// Where its listeners are reached on this machine: its own loopback address.
    pub address: Ipv4Addr,
    /// Those that were set; the others have their defaults.
    pub attributes: Tags,
    pub created_at: Timestamp,
    pub tags: Tags,
}

/// A load balancer's presence in a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub subnet_id: String,
    /// `us-west-2a`
    pub zone: String,
    pub interface_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    InternetFacing,
    Internal,
}

impl Scheme {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::InternetFacing => "internet-facing",
            Scheme::Internal => "internal",
        }
    }
}

impl LoadBalancer {
    /// `app/<name>/<id>`: how metrics, access logs and the data plane name it.
    pub fn id(&self) -> &str {
        self.arn.split_once("loadbalancer/").map_or(&self.arn, |(_, id)| id)
    }

    /// An attribute's value: as set, or its default.
    pub fn attribute(&self, name: &str) -> &str {
        value_of(LOAD_BALANCER_ATTRIBUTES, &self.attributes, name)
    }
}

impl Record for LoadBalancer {
    const TABLE: &'static str = "elbv2-load-balancers";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

/// A loopback address that no load balancer has: chosen by the ARN, whose
/// random part sets it apart from those of other instances on the machine.
/// Never in 127.0.0.0/16, where others listen (127.0.0.53, 127.0.1.1).
pub fn free_loopback(snapshot: &Snapshot, arn: &str) -> Ipv4Addr {
    let taken: Vec<Ipv4Addr> = snapshot.all::<LoadBalancer>().map(|lb| lb.address).collect();
    let first = fnv(arn) % PLACES;
    (0..PLACES)
        .map(|step| place((first + step) % PLACES))
        .find(|address| !taken.contains(address))
        .unwrap_or_else(|| place(first))
}

/// 127.1.0.1 to 127.254.255.254, without last bytes 0 and 255.
const PLACES: u64 = 254 * 256 * 254;

fn place(index: u64) -> Ipv4Addr {
    let (rest, last) = (index / 254, index % 254);
    let (second, third) = (rest / 256, rest % 256);
    Ipv4Addr::new(127, 1 + second as u8, third as u8, 1 + last as u8)
}

/// FNV-1a, 64 bits.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
