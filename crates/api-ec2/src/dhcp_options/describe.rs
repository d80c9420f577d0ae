//! DescribeDhcpOptions.

use neargate_api::model::ec2::DhcpOptions;
use neargate_api::types::ec2::{self, DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, each, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::DhcpOptions>] = &[
    ("dhcp-options-id", |o| one(&o.dhcp_options_id)),
    ("key", |o| each(&o.dhcp_configurations, |c| c.key.clone())),
    ("value", |o| {
        let configurations = o.dhcp_configurations.iter().flatten();
        configurations.flat_map(|c| each(&c.values, |value| value.value.clone())).collect()
    }),
    ("owner-id", |o| one(&o.owner_id)),
];

const LISTING: Listing<ec2::DhcpOptions> = Listing {
    fields: FIELDS,
    id: |o| &o.dhcp_options_id,
    tags: |o| &o.tags,
    not_found: DhcpOptions::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeDhcpOptionsRequest,
) -> Result<DescribeDhcpOptionsResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<DhcpOptions>(&snapshot, &ctx.region).map(|o| super::shape(&ctx, &snapshot, &o)),
        Asked {
            ids: input.dhcp_options_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeDhcpOptionsResult { dhcp_options: Some(page.items), next_token: page.next_token })
}
