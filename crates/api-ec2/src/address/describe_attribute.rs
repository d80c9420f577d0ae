//! DescribeAddressesAttribute: the reverse DNS names of addresses, which none has.

use neargate_api::model::ec2::Address;
use neargate_api::types::ec2::{
    AddressAttribute, DescribeAddressesAttributeRequest, DescribeAddressesAttributeResult,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const LISTING: Listing<AddressAttribute> = Listing {
    fields: &[],
    id: |a| &a.allocation_id,
    tags: |_| &None,
    not_found: Address::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeAddressesAttributeRequest,
) -> Result<DescribeAddressesAttributeResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<Address>(&snapshot, &ctx.region).map(|address| AddressAttribute {
            allocation_id: Some(address.allocation_id.clone()),
            public_ip: Some(address.public_ip.to_string()),
            ..AddressAttribute::default()
        }),
        Asked {
            ids: input.allocation_ids,
            max_results: input.max_results,
            next_token: input.next_token,
            filters: None,
        },
    )?;
    Ok(DescribeAddressesAttributeResult {
        addresses: Some(page.items),
        next_token: page.next_token,
    })
}
