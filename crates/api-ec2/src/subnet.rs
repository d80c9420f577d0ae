//! Subnets.

pub mod create;
pub mod delete;
pub mod describe;
pub mod modify_attribute;

use neargate_api::model::ec2::{Subnet, free_addresses, zone_id};
use neargate_api::types::ec2;
use neargate_api::{Ctx, Snapshot};

use crate::tag;

/// A subnet as the wire has it.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, subnet: &Subnet) -> ec2::Subnet {
    let free = i32::try_from(free_addresses(snapshot, subnet)).unwrap_or(i32::MAX);
    ec2::Subnet {
        subnet_id: Some(subnet.subnet_id.clone()),
        subnet_arn: Some(ctx.arn("ec2", format!("subnet/{}", subnet.subnet_id))),
        vpc_id: Some(subnet.vpc_id.clone()),
        cidr_block: Some(subnet.cidr.to_string()),
        availability_zone: Some(subnet.zone.clone()),
        availability_zone_id: zone_id(&subnet.zone),
        available_ip_address_count: Some(free),
        default_for_az: Some(subnet.default_for_az),
        map_public_ip_on_launch: Some(subnet.map_public_ip_on_launch),
        map_customer_owned_ip_on_launch: Some(false),
        assign_ipv6_address_on_creation: Some(false),
        ipv6_native: Some(false),
        ipv6_cidr_block_association_set: Some(Vec::new()),
        enable_dns64: Some(subnet.enable_dns64),
        private_dns_name_options_on_launch: Some(ec2::PrivateDnsNameOptionsOnLaunch {
            hostname_type: Some(subnet.hostname_type.clone()),
            enable_resource_name_dns_a_record: Some(subnet.resource_name_dns_a),
            enable_resource_name_dns_aaaa_record: Some(false),
        }),
        owner_id: Some(ctx.account().into()),
        state: Some("available".into()),
        tags: tag::shown(snapshot, &subnet.region, &subnet.subnet_id),
        ..ec2::Subnet::default()
    }
}
