//! DescribeVpcs.

use neargate_api::model::ec2::Vpc;
use neargate_api::types::ec2::{self, DescribeVpcsRequest, DescribeVpcsResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, each, one, shown};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::Vpc>] = &[
    ("cidr", |vpc| one(&vpc.cidr_block)),
    ("cidr-block-association.cidr-block", |vpc| {
        each(&vpc.cidr_block_association_set, |a| a.cidr_block.clone())
    }),
    ("cidr-block-association.association-id", |vpc| {
        each(&vpc.cidr_block_association_set, |a| a.association_id.clone())
    }),
    ("cidr-block-association.state", |vpc| {
        each(&vpc.cidr_block_association_set, |a| a.cidr_block_state.clone()?.state)
    }),
    ("dhcp-options-id", |vpc| one(&vpc.dhcp_options_id)),
    ("ipv6-cidr-block-association.ipv6-cidr-block", |_| Vec::new()),
    ("ipv6-cidr-block-association.ipv6-pool", |_| Vec::new()),
    ("ipv6-cidr-block-association.association-id", |_| Vec::new()),
    ("ipv6-cidr-block-association.state", |_| Vec::new()),
    ("is-default", |vpc| shown(vpc.is_default)),
    ("isDefault", |vpc| shown(vpc.is_default)),
    ("owner-id", |vpc| one(&vpc.owner_id)),
    ("state", |vpc| one(&vpc.state)),
    ("vpc-id", |vpc| one(&vpc.vpc_id)),
];

const LISTING: Listing<ec2::Vpc> = Listing {
    fields: FIELDS,
    id: |vpc| &vpc.vpc_id,
    tags: |vpc| &vpc.tags,
    not_found: Vpc::not_found,
};

pub async fn call(ctx: Ctx, input: DescribeVpcsRequest) -> Result<DescribeVpcsResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<Vpc>(&snapshot, &ctx.region).map(|vpc| super::shape(&ctx, &snapshot, &vpc)),
        Asked {
            ids: input.vpc_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeVpcsResult { vpcs: Some(page.items), next_token: page.next_token })
}
