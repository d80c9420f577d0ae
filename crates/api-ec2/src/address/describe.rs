//! DescribeAddresses.

use neargate_api::model::ec2::Address;
use neargate_api::types::ec2::{self, DescribeAddressesRequest, DescribeAddressesResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::Address>] = &[
    ("allocation-id", |a| one(&a.allocation_id)),
    ("association-id", |a| one(&a.association_id)),
    ("domain", |a| one(&a.domain)),
    ("instance-id", |a| one(&a.instance_id)),
    ("network-border-group", |a| one(&a.network_border_group)),
    ("network-interface-id", |a| one(&a.network_interface_id)),
    ("network-interface-owner-id", |a| one(&a.network_interface_owner_id)),
    ("private-ip-address", |a| one(&a.private_ip_address)),
    ("public-ip", |a| one(&a.public_ip)),
];

const LISTING: Listing<ec2::Address> = Listing {
    fields: FIELDS,
    id: |a| &a.allocation_id,
    tags: |a| &a.tags,
    not_found: Address::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeAddressesRequest,
) -> Result<DescribeAddressesResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let wanted = input.public_ips.unwrap_or_default();
    for ip in &wanted {
        super::chosen(&snapshot, &ctx.region, None, Some(ip))?;
    }
    let page = LISTING.page(
        all::<Address>(&snapshot, &ctx.region)
            .filter(|a| wanted.is_empty() || wanted.contains(&a.public_ip.to_string()))
            .map(|a| super::shape(&ctx, &snapshot, &a)),
        Asked { ids: input.allocation_ids, filters: input.filters, ..Asked::default() },
    )?;
    Ok(DescribeAddressesResult { addresses: Some(page.items) })
}
