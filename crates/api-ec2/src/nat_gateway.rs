//! NAT gateways: the way out for interfaces without a public address.

pub mod create;
pub mod delete;
pub mod describe;

use neargate_api::Snapshot;
use neargate_api::model::ec2::{NatAddress, NatGateway};
use neargate_api::types::ec2;

use crate::tag;

/// A NAT gateway as the wire has it.
pub fn shape(snapshot: &Snapshot, nat: &NatGateway) -> ec2::NatGateway {
    let failure = nat.failure.as_ref();
    ec2::NatGateway {
        nat_gateway_id: Some(nat.nat_gateway_id.clone()),
        vpc_id: Some(nat.vpc_id.clone()),
        subnet_id: Some(nat.subnet_id.clone()),
        state: Some(nat.state.as_str().into()),
        connectivity_type: Some(if nat.public { "public" } else { "private" }.into()),
        availability_mode: Some("zonal".into()),
        nat_gateway_addresses: Some(
            nat.addresses.iter().enumerate().map(|(i, a)| address(nat, a, i == 0)).collect(),
        ),
        create_time: Some(nat.created_at),
        delete_time: nat.deleted_at,
        failure_code: failure.map(|(code, _)| code.clone()),
        failure_message: failure.map(|(_, message)| message.clone()),
        tags: tag::shown(snapshot, &nat.region, &nat.nat_gateway_id),
        ..ec2::NatGateway::default()
    }
}

fn address(nat: &NatGateway, address: &NatAddress, primary: bool) -> ec2::NatGatewayAddress {
    let status = match nat.failure {
        Some(_) => "failed",
        None => "succeeded",
    };
    ec2::NatGatewayAddress {
        allocation_id: address.allocation_id.clone(),
        association_id: address.association_id.clone(),
        is_primary: Some(primary),
        network_interface_id: Some(address.interface_id.clone()),
        private_ip: Some(address.private_ip.to_string()),
        public_ip: address.public_ip.map(|ip| ip.to_string()),
        status: Some(status.into()),
        ..ec2::NatGatewayAddress::default()
    }
}
