//! DescribeVpcEndpoints.

use neargate_api::model::ec2::VpcEndpoint;
use neargate_api::types::ec2::{self, DescribeVpcEndpointsRequest, DescribeVpcEndpointsResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::VpcEndpoint>] = &[
    ("ip-address-type", |e| one(&e.ip_address_type)),
    ("service-name", |e| one(&e.service_name)),
    ("service-region", |e| one(&e.service_region)),
    ("vpc-id", |e| one(&e.vpc_id)),
    ("vpc-endpoint-id", |e| one(&e.vpc_endpoint_id)),
    ("vpc-endpoint-state", |e| one(&e.state)),
    ("vpc-endpoint-type", |e| one(&e.vpc_endpoint_type)),
];

const LISTING: Listing<ec2::VpcEndpoint> = Listing {
    fields: FIELDS,
    id: |e| &e.vpc_endpoint_id,
    tags: |e| &e.tags,
    not_found: VpcEndpoint::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeVpcEndpointsRequest,
) -> Result<DescribeVpcEndpointsResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<VpcEndpoint>(&snapshot, &ctx.region).map(|e| super::shape(&ctx, &snapshot, &e)),
        Asked {
            ids: input.vpc_endpoint_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeVpcEndpointsResult { vpc_endpoints: Some(page.items), next_token: page.next_token })
}
