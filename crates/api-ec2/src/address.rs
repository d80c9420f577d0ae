//! Elastic IP addresses.

pub mod allocate;
pub mod associate;
pub mod describe;
pub mod describe_attribute;
pub mod disassociate;
pub mod release;

use std::net::Ipv4Addr;
use std::sync::Arc;

use neargate_api::model::ec2::{Address, AddressAssociation, NetworkInterface, PublicIp, key};
use neargate_api::types::ec2;
use neargate_api::{AwsError, Ctx, Record, Snapshot, Tx};

use crate::error;
use crate::resource::{all, find};
use crate::tag;

/// An address as the wire has it.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, address: &Address) -> ec2::Address {
    let association = address.association.as_ref();
    ec2::Address {
        allocation_id: Some(address.allocation_id.clone()),
        public_ip: Some(address.public_ip.to_string()),
        association_id: association.map(|a| a.association_id.clone()),
        network_interface_id: association.map(|a| a.interface_id.clone()),
        network_interface_owner_id: association.map(|_| ctx.account().into()),
        private_ip_address: association.map(|a| a.private_ip.to_string()),
        domain: Some("vpc".into()),
        network_border_group: Some(address.region.clone()),
        public_ipv4_pool: Some("amazon".into()),
        tags: tag::shown(snapshot, &address.region, &address.allocation_id),
        ..ec2::Address::default()
    }
}

/// The address of this id, or of this public IP.
fn chosen(
    snapshot: &Snapshot,
    region: &str,
    allocation_id: Option<&str>,
    public_ip: Option<&str>,
) -> Result<Arc<Address>, AwsError> {
    match (allocation_id, public_ip) {
        (Some(id), _) => find::<Address>(snapshot, region, id),
        (None, Some(ip)) => all::<Address>(snapshot, region)
            .find(|address| address.public_ip.to_string() == ip)
            .ok_or_else(|| not_found(ip)),
        (None, None) => Err(error::missing("AllocationId")),
    }
}

fn not_found(ip: &str) -> AwsError {
    error::of("InvalidAddress.NotFound", format!("Address '{ip}' not found."))
}

/// Puts an address before an interface, and gives the association.
pub fn put_before(
    tx: &mut Tx,
    ctx: &Ctx,
    address: &Address,
    interface: &NetworkInterface,
) -> AddressAssociation {
    let association = AddressAssociation {
        association_id: format!("eipassoc-{}", ctx.rng().hex(17)),
        interface_id: interface.interface_id.clone(),
        private_ip: interface.private_ip,
    };
    tx.update::<Address>(&address.key(), |address| {
        address.association = Some(association.clone());
    });
    let public = PublicIp {
        ip: address.public_ip,
        allocation_id: Some(address.allocation_id.clone()),
        association_id: Some(association.association_id.clone()),
    };
    tx.update::<NetworkInterface>(&interface.key(), |interface| interface.public = Some(public));
    association
}

/// Takes an address from the interface that it stands for.
fn take_away(tx: &mut Tx, address: &Address) {
    if let Some(association) = &address.association {
        let interface = key(&address.region, &association.interface_id);
        tx.update::<NetworkInterface>(&interface, |interface| interface.public = None);
    }
    tx.update::<Address>(&address.key(), |address| address.association = None);
}

/// `ec2-203-0-113-7.us-west-2.compute.amazonaws.com`
pub fn public_dns_name(region: &str, ip: Ipv4Addr) -> String {
    let dashed = ip.to_string().replace('.', "-");
    match region {
        "us-east-1" => format!("ec2-{dashed}.compute-1.amazonaws.com"),
        region => format!("ec2-{dashed}.{region}.compute.amazonaws.com"),
    }
}
