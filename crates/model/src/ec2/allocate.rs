//! Interfaces come and go: a free address of a subnet, chosen inside of the
//! store transaction that makes the interface, so that no two ever have the same.
//!
//! ```ignore
//! let interface = allocate_interface(tx, InterfaceSpec { … }, ctx.rng(), ctx.now)?;
//! release_interface(tx, "us-west-2", &interface.interface_id);
//! ```

use std::net::Ipv4Addr;

use neargate_ids::{Rng, Timestamp};
use neargate_store::Tx;

use super::{
    Address, InterfaceAttachment, InterfaceType, NetworkInterface, PublicIp, SecurityGroup, Subnet,
    Tagging, default_group, free_public_ip, key,
};

/// The interface that is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InterfaceSpec {
    pub region: String,
    pub subnet_id: String,
    /// None: the VPC's default group.
    pub security_group_ids: Vec<String>,
    pub description: String,
    pub interface_type: InterfaceType,
    /// The service that asks (`amazon-elb`, `amazon-rds`); the interface is then
    /// attached, and its own to delete. `None`: the account itself.
    pub requester_id: Option<String>,
    /// This very address; `None`: any.
    pub private_ip: Option<Ipv4Addr>,
    /// Whether to assign a public address that goes with the interface.
    pub assign_public_ip: bool,
}

/// Why there is no interface, in EC2's words. Each service has its own codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocateError {
    #[error("The subnet ID '{0}' does not exist")]
    NoSubnet(String),
    #[error("The security group '{0}' does not exist")]
    NoGroup(String),
    #[error("You have specified two resources that belong to different networks.")]
    OtherVpc { group_id: String, subnet_id: String },
    #[error(
        "The specified subnet '{0}' does not have enough free addresses to satisfy the request."
    )]
    NoFreeAddress(String),
    #[error("Address {address} does not fall within the subnet's address range")]
    AddressOutside { address: Ipv4Addr, subnet_id: String },
    #[error("Address {0} is in subnet's reserved address range")]
    AddressReserved(Ipv4Addr),
    #[error("Address {0} is in use.")]
    AddressInUse(Ipv4Addr),
    #[error("There are no public addresses left: Neargate has 762 of them.")]
    NoPublicAddress,
}

/// Makes an interface with an address of its subnet, and stores it.
pub fn allocate_interface(
    tx: &mut Tx,
    spec: InterfaceSpec,
    rng: &Rng,
    now: Timestamp,
) -> Result<NetworkInterface, AllocateError> {
    let subnet = tx
        .get::<Subnet>(&key(&spec.region, &spec.subnet_id))
        .ok_or_else(|| AllocateError::NoSubnet(spec.subnet_id.clone()))?;
    let security_group_ids = groups(tx, &spec, &subnet)?;
    let private_ip = private_ip(tx, &spec, &subnet, rng)?;
    let public = match spec.assign_public_ip {
        true => {
            let ip = free_public_ip(tx, rng).ok_or(AllocateError::NoPublicAddress)?;
            Some(PublicIp { ip, allocation_id: None, association_id: None })
        }
        false => None,
    };
    let attachment = spec.requester_id.as_ref().map(|owner| InterfaceAttachment {
        attachment_id: match owner.as_str() {
            "amazon-elb" => format!("ela-attach-{}", rng.hex(17)),
            _ => format!("eni-attach-{}", rng.hex(17)),
        },
        instance_owner_id: owner.clone(),
        device_index: 1,
        attached_at: now,
    });
    let interface = NetworkInterface {
        region: spec.region,
        interface_id: format!("eni-{}", rng.hex(17)),
        vpc_id: subnet.vpc_id.clone(),
        subnet_id: spec.subnet_id,
        zone: subnet.zone.clone(),
        private_ip,
        public,
        mac_address: mac_address(rng),
        security_group_ids,
        description: spec.description,
        interface_type: spec.interface_type,
        requester_id: spec.requester_id,
        attachment,
        source_dest_check: spec.interface_type == InterfaceType::Interface,
        created_at: now,
        client_token: None,
    };
    tx.put(interface.clone());
    Ok(interface)
}

/// Takes an interface away, with its tags; an Elastic IP address becomes free.
/// `None` when there is no such interface: releasing twice does no harm.
pub fn release_interface(
    tx: &mut Tx,
    region: &str,
    interface_id: &str,
) -> Option<NetworkInterface> {
    let interface = tx.delete::<NetworkInterface>(&key(region, interface_id))?;
    tx.delete::<Tagging>(&key(region, interface_id));
    let allocation = interface.public.as_ref().and_then(|public| public.allocation_id.as_deref());
    if let Some(allocation_id) = allocation {
        tx.update::<Address>(&key(region, allocation_id), |address| address.association = None);
    }
    Some(NetworkInterface::clone(&interface))
}

/// The groups asked for, each of which is there and in the subnet's VPC.
fn groups(tx: &Tx, spec: &InterfaceSpec, subnet: &Subnet) -> Result<Vec<String>, AllocateError> {
    // A NAT gateway has no groups: nothing connects to it.
    if spec.interface_type == InterfaceType::NatGateway {
        return Ok(Vec::new());
    }
    if spec.security_group_ids.is_empty() {
        let default = default_group(tx, &spec.region, &subnet.vpc_id);
        return Ok(default.map(|group| group.group_id.clone()).into_iter().collect());
    }
    for group_id in &spec.security_group_ids {
        let group = tx
            .get::<SecurityGroup>(&key(&spec.region, group_id))
            .ok_or_else(|| AllocateError::NoGroup(group_id.clone()))?;
        if group.vpc_id != subnet.vpc_id {
            return Err(AllocateError::OtherVpc {
                group_id: group_id.clone(),
                subnet_id: subnet.subnet_id.clone(),
            });
        }
    }
    Ok(spec.security_group_ids.clone())
}

/// The address asked for, or a free one from a place that chance chooses, so
/// that one just given back is seldom the next.
fn private_ip(
    tx: &Tx,
    spec: &InterfaceSpec,
    subnet: &Subnet,
    rng: &Rng,
) -> Result<Ipv4Addr, AllocateError> {
    let taken = subnet.taken(tx);
    if let Some(address) = spec.private_ip {
        return match () {
            () if !subnet.cidr.contains(address) => {
                Err(AllocateError::AddressOutside { address, subnet_id: subnet.subnet_id.clone() })
            }
            () if !subnet.is_usable(address) => Err(AllocateError::AddressReserved(address)),
            () if taken.contains(&address) => Err(AllocateError::AddressInUse(address)),
            () => Ok(address),
        };
    }
    let room = subnet.cidr.size().saturating_sub(super::RESERVED_ADDRESSES);
    let start = rng.below(room);
    (0..room)
        .filter_map(|index| subnet.cidr.nth(4 + (start + index) % room))
        .find(|address| !taken.contains(address))
        .ok_or_else(|| AllocateError::NoFreeAddress(subnet.subnet_id.clone()))
}

/// A locally administered unicast address, `06:…` as EC2's are.
fn mac_address(rng: &Rng) -> String {
    let bytes = rng.next_u64().to_be_bytes();
    let tail: Vec<String> = bytes[3..].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("06:{}", tail.join(":"))
}

#[cfg(test)]
mod tests;
