//! A virtual private cloud: blocks of addresses and how names resolve in them.

use neargate_store::Record;
use serde::{Deserialize, Serialize};

use super::{Cidr, key};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    pub region: String,
    /// `vpc-` and 17 hexadecimal digits.
    pub vpc_id: String,
    /// The blocks of addresses; the first is the VPC's own and stays.
    pub cidrs: Vec<CidrAssociation>,
    pub instance_tenancy: String,
    pub is_default: bool,
    /// The set of DHCP options; `default` for none.
    pub dhcp_options_id: String,
    pub enable_dns_support: bool,
    pub enable_dns_hostnames: bool,
    pub enable_network_address_usage_metrics: bool,
}

/// A block that belongs to a VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CidrAssociation {
    /// `vpc-cidr-assoc-…`
    pub association_id: String,
    pub cidr: Cidr,
}

impl Vpc {
    /// The block that the VPC was made with.
    pub fn cidr(&self) -> Cidr {
        self.cidrs.first().map_or(Cidr::ANYWHERE, |first| first.cidr)
    }

    /// Whether all of `cidr` lies in one of this VPC's blocks.
    pub fn covers(&self, cidr: Cidr) -> bool {
        self.cidrs.iter().any(|own| own.cidr.covers(cidr))
    }
}

impl Record for Vpc {
    const TABLE: &'static str = "ec2-vpcs";

    fn key(&self) -> String {
        key(&self.region, &self.vpc_id)
    }
}
