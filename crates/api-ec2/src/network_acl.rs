//! Network ACLs.

pub mod create;
pub mod create_entry;
pub mod delete;
pub mod delete_entry;
pub mod describe;
pub mod replace_association;
pub mod replace_entry;

use neargate_api::model::ec2::{AclAction, AclEntry, NetworkAcl};
use neargate_api::types::ec2;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::{error, ipv6, tag};

/// A network ACL as the wire has it, its entries by number.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, acl: &NetworkAcl) -> ec2::NetworkAcl {
    let id = &acl.network_acl_id;
    let associations = acl.associations.iter().map(|association| ec2::NetworkAclAssociation {
        network_acl_association_id: Some(association.association_id.clone()),
        network_acl_id: Some(id.clone()),
        subnet_id: Some(association.subnet_id.clone()),
    });
    let mut entries: Vec<_> = acl.entries.iter().collect();
    entries.sort_by_key(|entry| (!entry.egress, entry.rule_number));
    ec2::NetworkAcl {
        network_acl_id: Some(id.clone()),
        vpc_id: Some(acl.vpc_id.clone()),
        is_default: Some(acl.is_default),
        associations: Some(associations.collect()),
        entries: Some(entries.into_iter().map(entry).collect()),
        owner_id: Some(ctx.account().into()),
        tags: tag::shown(snapshot, &acl.region, id),
    }
}

fn entry(entry: &AclEntry) -> ec2::NetworkAclEntry {
    let action = match entry.action {
        AclAction::Allow => "allow",
        AclAction::Deny => "deny",
    };
    ec2::NetworkAclEntry {
        cidr_block: entry.cidr.clone(),
        ipv6_cidr_block: entry.ipv6_cidr.clone(),
        egress: Some(entry.egress),
        protocol: Some(entry.protocol.clone()),
        rule_action: Some(action.into()),
        rule_number: Some(entry.rule_number),
        port_range: entry.ports.map(|(from, to)| ec2::PortRange { from: Some(from), to: Some(to) }),
        icmp_type_code: entry
            .icmp
            .map(|(kind, code)| ec2::IcmpTypeCode { code: Some(code), r#type: Some(kind) }),
    }
}

/// What CreateNetworkAclEntry and ReplaceNetworkAclEntry ask for.
struct Asked {
    egress: bool,
    rule_number: i32,
    protocol: String,
    rule_action: String,
    cidr_block: Option<String>,
    ipv6_cidr_block: Option<String>,
    port_range: Option<ec2::PortRange>,
    icmp_type_code: Option<ec2::IcmpTypeCode>,
}

impl Asked {
    /// The entry, checked and in canonical form.
    fn checked(self) -> Result<AclEntry, AwsError> {
        if !(1..AclEntry::LAST).contains(&self.rule_number) {
            return Err(error::invalid_value(
                &self.rule_number.to_string(),
                "ruleNumber",
                "Rule numbers are between 1 and 32766.",
            ));
        }
        let action = match self.rule_action.as_str() {
            "allow" => AclAction::Allow,
            "deny" => AclAction::Deny,
            other => return Err(error::invalid_value(other, "ruleAction", "It is allow or deny.")),
        };
        let (cidr, ipv6_cidr) = match (self.cidr_block, self.ipv6_cidr_block) {
            (Some(text), None) => (Some(ipv4_block(&text)?), None),
            (None, Some(text)) => (None, Some(ipv6_block(&text)?)),
            (None, None) => return Err(error::missing("cidrBlock")),
            _ => {
                return Err(error::combination(
                    "The parameters cidrBlock and ipv6CidrBlock cannot be used together",
                ));
            }
        };
        let protocol = protocol_number(&self.protocol)?;
        let ports = match (protocol.as_str(), self.port_range) {
            ("6" | "17", Some(ports)) => Some(port_range(&ports)?),
            ("6" | "17", None) => return Err(error::missing("portRange")),
            _ => None,
        };
        let icmp = match (protocol.as_str(), self.icmp_type_code) {
            ("1" | "58", Some(icmp)) => Some((icmp.r#type.unwrap_or(-1), icmp.code.unwrap_or(-1))),
            ("1" | "58", None) => return Err(error::missing("icmpTypeCode.code")),
            _ => None,
        };
        let (egress, rule_number) = (self.egress, self.rule_number);
        Ok(AclEntry { egress, rule_number, protocol, action, cidr, ipv6_cidr, ports, icmp })
    }
}

fn ipv4_block(text: &str) -> Result<String, AwsError> {
    let cidr: Result<neargate_api::model::ec2::Cidr, _> = text.parse();
    cidr.map(|cidr| cidr.to_string())
        .map_err(|_| error::invalid_value(text, "cidrBlock", "This is not a valid CIDR block."))
}

fn ipv6_block(text: &str) -> Result<String, AwsError> {
    ipv6::canonical(text).ok_or_else(|| {
        error::invalid_value(text, "ipv6CidrBlock", "This is not a valid CIDR block.")
    })
}

/// `tcp`, or `6`, as the number.
fn protocol_number(text: &str) -> Result<String, AwsError> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "tcp" => "6".into(),
        "udp" => "17".into(),
        "icmp" => "1".into(),
        "icmpv6" => "58".into(),
        "all" | "-1" => "-1".into(),
        number if number.parse::<u8>().is_ok() => number.into(),
        other => {
            return Err(error::invalid_value(other, "protocol", "Unknown protocol."));
        }
    })
}

fn port_range(range: &ec2::PortRange) -> Result<(i32, i32), AwsError> {
    let (from, to) = (range.from.unwrap_or(-1), range.to.unwrap_or(-1));
    match 0 <= from && from <= to && to <= 65535 {
        true => Ok((from, to)),
        false => Err(error::invalid(format!("Invalid port range ({from}:{to})"))),
    }
}

/// Whether there is an entry of this direction and number.
fn has_entry(acl: &NetworkAcl, egress: bool, number: i32) -> bool {
    acl.entries.iter().any(|entry| entry.egress == egress && entry.rule_number == number)
}

fn entry_not_found(acl: &NetworkAcl, number: i32) -> AwsError {
    let message = format!(
        "The network acl entry '{number}' in network ACL '{}' does not exist",
        acl.network_acl_id
    );
    error::of("InvalidNetworkAclEntry.NotFound", message)
}
