//! What the caller asks for and what it gets: VPCs, interfaces, places where a
//! socket can be made. Plain data.

use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use ipnet::Ipv4Net;

use crate::error::NetError;
use crate::namespace::Namespace;
use crate::rules::Rule;

/// Where a task finds its metadata and credentials, as on Fargate.
pub const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
/// The Route 53 Resolver's link-local address in every VPC.
pub const DNS_LINK_LOCAL: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);

/// The "plus two" resolver of a VPC: the base of its first CIDR + 2.
pub fn vpc_resolver(cidr: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from_bits(cidr.network().to_bits() + 2)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcSpec {
    pub id: String,
    /// The first is the primary one, which gives the resolver its address.
    pub cidrs: Vec<Ipv4Net>,
}

impl VpcSpec {
    /// EC2's own bounds: at least one, each between /16 and /28.
    pub(crate) fn check_cidrs(&self) -> Result<(), NetError> {
        let bad = |value: String| NetError::BadCidr { vpc: self.id.clone(), value };
        if self.cidrs.is_empty() {
            return Err(bad("nothing".to_owned()));
        }
        match self.cidrs.iter().find(|cidr| !(16..=28).contains(&cidr.prefix_len())) {
            Some(cidr) => Err(bad(cidr.to_string())),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EniSpec {
    pub eni_id: String,
    pub vpc_id: String,
    pub ip: Ipv4Addr,
    /// Without one, a locally administered address is derived from the id.
    pub mac: Option<Mac>,
    pub security_groups: Vec<String>,
    pub egress: Egress,
}

/// Whether an interface's packets may leave the VPC. The caller computes it
/// from the route table, public address and NAT gateway of the subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Egress {
    None,
    Internet,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mac(pub [u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// An interface that is up. Give `netns_path` to whatever runs inside.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub eni_id: String,
    pub vpc_id: String,
    pub ip: Ipv4Addr,
    pub mac: Mac,
    pub netns_path: PathBuf,
    pub namespace: Namespace,
}

/// Where a socket is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    Eni(&'a str),
    /// The router of a VPC: what listens here is reachable from every
    /// interface of the VPC, whatever its security groups.
    Router(&'a str),
}

/// Everything that should exist, for a daemon that starts again: see
/// [`crate::Net::restore`].
#[derive(Clone, Debug, Default)]
pub struct World {
    pub vpcs: Vec<VpcSpec>,
    pub security_groups: Vec<(String, Vec<Rule>)>,
    pub enis: Vec<EniSpec>,
}

/// What lies pinned on disk and was not named as known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orphans {
    pub vpcs: Vec<String>,
    pub enis: Vec<String>,
}
