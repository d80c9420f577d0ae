//! Network ACLs.

pub mod describe;

use neargate_api::model::ec2::{AclAction, AclEntry, NetworkAcl};
use neargate_api::types::ec2;
use neargate_api::{Ctx, Snapshot};

use crate::tag;

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
