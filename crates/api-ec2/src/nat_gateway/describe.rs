//! DescribeNatGateways.

use neargate_api::model::ec2::NatGateway;
use neargate_api::types::ec2::{self, DescribeNatGatewaysRequest, DescribeNatGatewaysResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::NatGateway>] = &[
    ("connectivity-type", |n| one(&n.connectivity_type)),
    ("nat-gateway-id", |n| one(&n.nat_gateway_id)),
    ("state", |n| one(&n.state)),
    ("subnet-id", |n| one(&n.subnet_id)),
    ("vpc-id", |n| one(&n.vpc_id)),
];

const LISTING: Listing<ec2::NatGateway> = Listing {
    fields: FIELDS,
    id: |n| &n.nat_gateway_id,
    tags: |n| &n.tags,
    not_found: NatGateway::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeNatGatewaysRequest,
) -> Result<DescribeNatGatewaysResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<NatGateway>(&snapshot, &ctx.region)
            .filter(|nat| !nat.is_stale(ctx.now))
            .map(|nat| super::shape(&snapshot, &nat)),
        Asked {
            ids: input.nat_gateway_ids,
            filters: input.filter,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeNatGatewaysResult { nat_gateways: Some(page.items), next_token: page.next_token })
}
