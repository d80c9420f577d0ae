//! DescribeInternetGateways.

use neargate_api::model::ec2::InternetGateway;
use neargate_api::types::ec2::{
    self, DescribeInternetGatewaysRequest, DescribeInternetGatewaysResult,
};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, each, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::InternetGateway>] = &[
    ("attachment.state", |g| each(&g.attachments, |a| a.state.clone())),
    ("attachment.vpc-id", |g| each(&g.attachments, |a| a.vpc_id.clone())),
    ("internet-gateway-id", |g| one(&g.internet_gateway_id)),
    ("owner-id", |g| one(&g.owner_id)),
];

const LISTING: Listing<ec2::InternetGateway> = Listing {
    fields: FIELDS,
    id: |g| &g.internet_gateway_id,
    tags: |g| &g.tags,
    not_found: InternetGateway::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeInternetGatewaysRequest,
) -> Result<DescribeInternetGatewaysResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<InternetGateway>(&snapshot, &ctx.region).map(|g| super::shape(&ctx, &snapshot, &g)),
        Asked {
            ids: input.internet_gateway_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeInternetGatewaysResult {
        internet_gateways: Some(page.items),
        next_token: page.next_token,
    })
}
