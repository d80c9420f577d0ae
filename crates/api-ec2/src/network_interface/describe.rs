//! DescribeNetworkInterfaces.

use neargate_api::model::ec2::NetworkInterface;
use neargate_api::types::ec2::{
    self, DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, each, one, shown};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

type Interface = ec2::NetworkInterface;

fn attached(
    interface: &Interface,
    part: fn(&ec2::NetworkInterfaceAttachment) -> Option<String>,
) -> Vec<String> {
    interface.attachment.iter().filter_map(part).collect()
}

fn associated(
    interface: &Interface,
    part: fn(&ec2::NetworkInterfaceAssociation) -> Option<String>,
) -> Vec<String> {
    interface.association.iter().filter_map(part).collect()
}

const FIELDS: &[Field<Interface>] = &[
    ("association.allocation-id", |i| associated(i, |a| a.allocation_id.clone())),
    ("association.association-id", |i| associated(i, |a| a.association_id.clone())),
    ("association.ip-owner-id", |i| associated(i, |a| a.ip_owner_id.clone())),
    ("association.public-ip", |i| associated(i, |a| a.public_ip.clone())),
    ("association.public-dns-name", |i| associated(i, |a| a.public_dns_name.clone())),
    ("addresses.association.owner-id", |i| associated(i, |a| a.ip_owner_id.clone())),
    ("addresses.association.public-ip", |i| associated(i, |a| a.public_ip.clone())),
    ("addresses.primary", |i| {
        each(&i.private_ip_addresses, |a| a.primary.map(|primary| primary.to_string()))
    }),
    ("addresses.private-ip-address", |i| {
        each(&i.private_ip_addresses, |a| a.private_ip_address.clone())
    }),
    ("attachment.attach-time", |i| attached(i, |a| a.attach_time.map(|time| time.iso8601()))),
    ("attachment.attachment-id", |i| attached(i, |a| a.attachment_id.clone())),
    ("attachment.delete-on-termination", |i| {
        attached(i, |a| a.delete_on_termination.map(|truth| truth.to_string()))
    }),
    ("attachment.device-index", |i| attached(i, |a| a.device_index.map(|n| n.to_string()))),
    ("attachment.instance-id", |i| attached(i, |a| a.instance_id.clone())),
    ("attachment.instance-owner-id", |i| attached(i, |a| a.instance_owner_id.clone())),
    ("attachment.status", |i| attached(i, |a| a.status.clone())),
    ("availability-zone", |i| one(&i.availability_zone)),
    ("availability-zone-id", |i| one(&i.availability_zone_id)),
    ("description", |i| one(&i.description)),
    ("group-id", |i| each(&i.groups, |g| g.group_id.clone())),
    ("group-name", |i| each(&i.groups, |g| g.group_name.clone())),
    ("interface-type", |i| one(&i.interface_type)),
    ("ipv6-addresses.ipv6-address", |_| Vec::new()),
    ("mac-address", |i| one(&i.mac_address)),
    ("network-interface-id", |i| one(&i.network_interface_id)),
    ("owner-id", |i| one(&i.owner_id)),
    ("private-dns-name", |i| one(&i.private_dns_name)),
    ("private-ip-address", |i| one(&i.private_ip_address)),
    ("requester-id", |i| one(&i.requester_id)),
    ("requester-managed", |i| shown(i.requester_managed)),
    ("source-dest-check", |i| shown(i.source_dest_check)),
    ("status", |i| one(&i.status)),
    ("subnet-id", |i| one(&i.subnet_id)),
    ("vpc-id", |i| one(&i.vpc_id)),
];

const LISTING: Listing<Interface> = Listing {
    fields: FIELDS,
    id: |i| &i.network_interface_id,
    tags: |i| &i.tag_set,
    not_found: NetworkInterface::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeNetworkInterfacesRequest,
) -> Result<DescribeNetworkInterfacesResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<NetworkInterface>(&snapshot, &ctx.region).map(|i| super::shape(&ctx, &snapshot, &i)),
        Asked {
            ids: input.network_interface_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeNetworkInterfacesResult {
        network_interfaces: Some(page.items),
        next_token: page.next_token,
    })
}
