//! Network ACLs: numbered rules around a whole subnet, without memory of connections.

use neargate_store::Record;
use serde::{Deserialize, Serialize};

use super::key;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkAcl {
    pub region: String,
    /// `acl-…`
    pub network_acl_id: String,
    pub vpc_id: String,
    pub is_default: bool,
    pub entries: Vec<AclEntry>,
    pub associations: Vec<AclAssociation>,
    pub client_token: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclAssociation {
    /// `aclassoc-…`
    pub association_id: String,
    pub subnet_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AclAction {
    Allow,
    Deny,
}

/// A rule. The lowest number that matches decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    pub egress: bool,
    /// 1 to 32766; 32767 is the last rule, which denies.
    pub rule_number: i32,
    /// A protocol's number, `-1` for all.
    pub protocol: String,
    pub action: AclAction,
    pub cidr: Option<String>,
    pub ipv6_cidr: Option<String>,
    pub ports: Option<(i32, i32)>,
    /// ICMP's type and code.
    pub icmp: Option<(i32, i32)>,
}

impl AclEntry {
    /// The number of the rule that denies what no other rule matched.
    pub const LAST: i32 = 32767;

    /// A rule on all traffic from or to anywhere.
    pub fn anything(egress: bool, rule_number: i32, action: AclAction) -> Self {
        AclEntry {
            egress,
            rule_number,
            protocol: "-1".into(),
            action,
            cidr: Some("0.0.0.0/0".into()),
            ipv6_cidr: None,
            ports: None,
            icmp: None,
        }
    }
}

impl NetworkAcl {
    /// The entries that a default ACL begins with: everything passes.
    pub fn open() -> Vec<AclEntry> {
        [true, false]
            .into_iter()
            .flat_map(|egress| {
                [
                    AclEntry::anything(egress, 100, AclAction::Allow),
                    AclEntry::anything(egress, AclEntry::LAST, AclAction::Deny),
                ]
            })
            .collect()
    }

    /// The entries that any other ACL begins with: nothing passes.
    pub fn closed() -> Vec<AclEntry> {
        [true, false]
            .map(|egress| AclEntry::anything(egress, AclEntry::LAST, AclAction::Deny))
            .into()
    }
}

impl Record for NetworkAcl {
    const TABLE: &'static str = "ec2-network-acls";

    fn key(&self) -> String {
        key(&self.region, &self.network_acl_id)
    }
}
