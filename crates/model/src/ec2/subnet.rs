//! A part of a VPC's addresses in one availability zone.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

use super::{Cidr, NetworkInterface, key, prefix};

/// The first four addresses of a subnet and its last are AWS's: network,
/// router, DNS, future use, broadcast. Source: "Subnet sizing for IPv4" in the VPC guide.
pub const RESERVED_ADDRESSES: u64 = 5;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    pub region: String,
    /// `subnet-…`
    pub subnet_id: String,
    pub vpc_id: String,
    pub cidr: Cidr,
    /// `us-west-2a`
    pub zone: String,
    pub default_for_az: bool,
    pub map_public_ip_on_launch: bool,
    /// `ip-name` or `resource-name`.
    pub hostname_type: String,
    pub resource_name_dns_a: bool,
    pub enable_dns64: bool,
}

impl Subnet {
    /// The addresses that an interface can have.
    pub fn usable(&self) -> impl Iterator<Item = Ipv4Addr> {
        let cidr = self.cidr;
        (4..cidr.size().saturating_sub(1)).filter_map(move |index| cidr.nth(index))
    }

    pub fn is_usable(&self, address: Ipv4Addr) -> bool {
        let index = u64::from(u32::from(address).wrapping_sub(u32::from(self.cidr.network())));
        self.cidr.contains(address) && index >= 4 && index + 1 < self.cidr.size()
    }

    /// The addresses of this subnet that interfaces have.
    pub fn taken(&self, snapshot: &Snapshot) -> BTreeSet<Ipv4Addr> {
        let all = snapshot.scan::<NetworkInterface>(&prefix(&self.region));
        all.filter(|i| i.subnet_id == self.subnet_id).map(|i| i.private_ip).collect()
    }
}

/// How many interfaces more the subnet has room for.
pub fn free_addresses(snapshot: &Snapshot, subnet: &Subnet) -> u64 {
    let room = subnet.cidr.size().saturating_sub(RESERVED_ADDRESSES);
    room.saturating_sub(subnet.taken(snapshot).len() as u64)
}

impl Record for Subnet {
    const TABLE: &'static str = "ec2-subnets";

    fn key(&self) -> String {
        key(&self.region, &self.subnet_id)
    }
}
