//! Who may talk to whom: groups that interfaces are in, and their rules.

use std::sync::Arc;

use neargate_store::{Record, Snapshot};
use serde::{Deserialize, Serialize};

use super::{Cidr, key, prefix};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    pub region: String,
    /// `sg-…`
    pub group_id: String,
    /// Unique in its VPC. `default` is the VPC's own.
    pub name: String,
    pub description: String,
    pub vpc_id: String,
}

impl Record for SecurityGroup {
    const TABLE: &'static str = "ec2-security-groups";

    fn key(&self) -> String {
        key(&self.region, &self.group_id)
    }
}

/// One rule. All rules allow; what no rule names is dropped, and answers to
/// what was allowed pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    pub region: String,
    pub group_id: String,
    /// `sgr-…`
    pub rule_id: String,
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol's number, or `-1` for all.
    pub protocol: String,
    /// The first port, or ICMP's type; -1 for all.
    pub from_port: i32,
    /// The last port, or ICMP's code; -1 for all.
    pub to_port: i32,
    pub peer: RulePeer,
    pub description: Option<String>,
}

/// Where traffic may come from, or go to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RulePeer {
    Ipv4(Cidr),
    /// A block of IPv6 addresses, in canonical form.
    Ipv6(String),
    PrefixList(String),
    /// The interfaces of a group.
    Group(String),
}

impl SecurityGroupRule {
    /// Whether the two allow the same: what makes one a duplicate.
    pub fn allows_same(&self, other: &SecurityGroupRule) -> bool {
        self.group_id == other.group_id
            && self.egress == other.egress
            && self.protocol == other.protocol
            && self.from_port == other.from_port
            && self.to_port == other.to_port
            && self.peer == other.peer
    }
}

impl Record for SecurityGroupRule {
    const TABLE: &'static str = "ec2-security-group-rules";

    fn key(&self) -> String {
        format!("{}/{}/{}", self.region, self.group_id, self.rule_id)
    }
}

/// The rules of a group, in the order of their ids.
pub fn rules_of<'a>(
    snapshot: &'a Snapshot,
    region: &str,
    group_id: &str,
) -> impl Iterator<Item = Arc<SecurityGroupRule>> + use<'a> {
    snapshot.scan::<SecurityGroupRule>(&format!("{region}/{group_id}/"))
}

/// The group that a VPC was made with.
pub fn default_group(
    snapshot: &Snapshot,
    region: &str,
    vpc_id: &str,
) -> Option<Arc<SecurityGroup>> {
    let mut groups = snapshot.scan::<SecurityGroup>(&prefix(region));
    groups.find(|g| g.vpc_id == vpc_id && g.name == "default")
}
