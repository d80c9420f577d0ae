//! Network interfaces.

pub mod create;
pub mod delete;
pub mod describe;
pub mod describe_attribute;
pub mod modify_attribute;

use neargate_api::model::ec2::{
    InterfaceAttachment, NetworkInterface, PublicIp, Vpc, default_domain, key, zone_id,
};
use neargate_api::types::ec2;
use neargate_api::{Ctx, Snapshot};

use crate::address::public_dns_name;
use crate::{security_group, tag};

/// An interface as the wire has it.
pub fn shape(
    ctx: &Ctx,
    snapshot: &Snapshot,
    interface: &NetworkInterface,
) -> ec2::NetworkInterface {
    let region = &interface.region;
    let named = snapshot
        .get::<Vpc>(&key(region, &interface.vpc_id))
        .is_some_and(|vpc| vpc.enable_dns_hostnames && vpc.enable_dns_support);
    let dashed = interface.private_ip.to_string().replace('.', "-");
    let private_dns_name = named.then(|| format!("ip-{dashed}.{}", default_domain(region)));
    let association = interface.public.as_ref().map(|p| association(ctx, region, p, named));
    ec2::NetworkInterface {
        network_interface_id: Some(interface.interface_id.clone()),
        vpc_id: Some(interface.vpc_id.clone()),
        subnet_id: Some(interface.subnet_id.clone()),
        availability_zone: Some(interface.zone.clone()),
        availability_zone_id: zone_id(&interface.zone),
        private_ip_address: Some(interface.private_ip.to_string()),
        private_dns_name: private_dns_name.clone(),
        private_ip_addresses: Some(vec![ec2::NetworkInterfacePrivateIpAddress {
            association: association.clone(),
            primary: Some(true),
            private_dns_name,
            private_ip_address: Some(interface.private_ip.to_string()),
        }]),
        association,
        attachment: interface.attachment.as_ref().map(attachment),
        mac_address: Some(interface.mac_address.clone()),
        groups: Some(groups(snapshot, interface)),
        description: Some(interface.description.clone()),
        interface_type: Some(interface.interface_type.as_str().into()),
        ipv6_addresses: Some(Vec::new()),
        owner_id: Some(ctx.account().into()),
        requester_id: interface.requester_id.clone(),
        requester_managed: Some(interface.requester_id.is_some()),
        source_dest_check: Some(interface.source_dest_check),
        status: Some(interface.status().into()),
        tag_set: tag::shown(snapshot, region, &interface.interface_id),
        ..ec2::NetworkInterface::default()
    }
}

fn association(
    ctx: &Ctx,
    region: &str,
    public: &PublicIp,
    named: bool,
) -> ec2::NetworkInterfaceAssociation {
    let owner = if public.allocation_id.is_some() { ctx.account() } else { "amazon" };
    ec2::NetworkInterfaceAssociation {
        allocation_id: public.allocation_id.clone(),
        association_id: public.association_id.clone(),
        ip_owner_id: Some(owner.into()),
        public_dns_name: named.then(|| public_dns_name(region, public.ip)),
        public_ip: Some(public.ip.to_string()),
        ..ec2::NetworkInterfaceAssociation::default()
    }
}

fn attachment(attachment: &InterfaceAttachment) -> ec2::NetworkInterfaceAttachment {
    ec2::NetworkInterfaceAttachment {
        attachment_id: Some(attachment.attachment_id.clone()),
        attach_time: Some(attachment.attached_at),
        delete_on_termination: Some(false),
        device_index: Some(attachment.device_index),
        instance_owner_id: Some(attachment.instance_owner_id.clone()),
        network_card_index: Some(0),
        status: Some("attached".into()),
        ..ec2::NetworkInterfaceAttachment::default()
    }
}

fn groups(snapshot: &Snapshot, interface: &NetworkInterface) -> Vec<ec2::GroupIdentifier> {
    security_group::identifiers(snapshot, &interface.region, &interface.security_group_ids)
        .into_iter()
        .map(|(id, name)| ec2::GroupIdentifier { group_id: Some(id), group_name: Some(name) })
        .collect()
}
