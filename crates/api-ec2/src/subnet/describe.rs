//! DescribeSubnets.

use neargate_api::model::ec2::Subnet;
use neargate_api::types::ec2::{self, DescribeSubnetsRequest, DescribeSubnetsResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one, shown};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::Subnet>] = &[
    ("availability-zone", |s| one(&s.availability_zone)),
    ("availabilityZone", |s| one(&s.availability_zone)),
    ("availability-zone-id", |s| one(&s.availability_zone_id)),
    ("availabilityZoneId", |s| one(&s.availability_zone_id)),
    ("available-ip-address-count", |s| shown(s.available_ip_address_count)),
    ("cidr-block", |s| one(&s.cidr_block)),
    ("cidr", |s| one(&s.cidr_block)),
    ("cidrBlock", |s| one(&s.cidr_block)),
    ("customer-owned-ipv4-pool", |s| one(&s.customer_owned_ipv4_pool)),
    ("default-for-az", |s| shown(s.default_for_az)),
    ("defaultForAz", |s| shown(s.default_for_az)),
    ("enable-dns64", |s| shown(s.enable_dns64)),
    ("enable-lni-at-device-index", |s| shown(s.enable_lni_at_device_index)),
    ("ipv6-cidr-block-association.ipv6-cidr-block", |_| Vec::new()),
    ("ipv6-cidr-block-association.association-id", |_| Vec::new()),
    ("ipv6-cidr-block-association.state", |_| Vec::new()),
    ("ipv6-native", |s| shown(s.ipv6_native)),
    ("map-customer-owned-ip-on-launch", |s| shown(s.map_customer_owned_ip_on_launch)),
    ("map-public-ip-on-launch", |s| shown(s.map_public_ip_on_launch)),
    ("outpost-arn", |s| one(&s.outpost_arn)),
    ("owner-id", |s| one(&s.owner_id)),
    ("private-dns-name-options-on-launch.hostname-type", |s| {
        s.private_dns_name_options_on_launch
            .iter()
            .filter_map(|o| o.hostname_type.clone())
            .collect()
    }),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", |s| {
        let options = s.private_dns_name_options_on_launch.as_ref();
        shown(options.and_then(|o| o.enable_resource_name_dns_a_record))
    }),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", |s| {
        let options = s.private_dns_name_options_on_launch.as_ref();
        shown(options.and_then(|o| o.enable_resource_name_dns_aaaa_record))
    }),
    ("state", |s| one(&s.state)),
    ("subnet-arn", |s| one(&s.subnet_arn)),
    ("subnet-id", |s| one(&s.subnet_id)),
    ("vpc-id", |s| one(&s.vpc_id)),
];

const LISTING: Listing<ec2::Subnet> = Listing {
    fields: FIELDS,
    id: |s| &s.subnet_id,
    tags: |s| &s.tags,
    not_found: Subnet::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeSubnetsRequest,
) -> Result<DescribeSubnetsResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<Subnet>(&snapshot, &ctx.region).map(|s| super::shape(&ctx, &snapshot, &s)),
        Asked {
            ids: input.subnet_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeSubnetsResult { subnets: Some(page.items), next_token: page.next_token })
}
