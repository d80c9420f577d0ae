//! DescribeRouteTables.

use neargate_api::model::ec2::RouteTable;
use neargate_api::types::ec2::{self, DescribeRouteTablesRequest, DescribeRouteTablesResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::filter::{Field, each, one};
use crate::listing::{Asked, Listing};
use crate::resource::{Resource, all};

const FIELDS: &[Field<ec2::RouteTable>] = &[
    ("association.gateway-id", |t| each(&t.associations, |a| a.gateway_id.clone())),
    ("association.main", |t| each(&t.associations, |a| a.main.map(|main| main.to_string()))),
    ("association.route-table-association-id", |t| {
        each(&t.associations, |a| a.route_table_association_id.clone())
    }),
    ("association.route-table-id", |t| each(&t.associations, |a| a.route_table_id.clone())),
    ("association.subnet-id", |t| each(&t.associations, |a| a.subnet_id.clone())),
    ("owner-id", |t| one(&t.owner_id)),
    ("route-table-id", |t| one(&t.route_table_id)),
    ("route.destination-cidr-block", |t| each(&t.routes, |r| r.destination_cidr_block.clone())),
    ("route.destination-ipv6-cidr-block", |t| {
        each(&t.routes, |r| r.destination_ipv6_cidr_block.clone())
    }),
    ("route.destination-prefix-list-id", |t| {
        each(&t.routes, |r| r.destination_prefix_list_id.clone())
    }),
    ("route.egress-only-internet-gateway-id", |t| {
        each(&t.routes, |r| r.egress_only_internet_gateway_id.clone())
    }),
    ("route.gateway-id", |t| each(&t.routes, |r| r.gateway_id.clone())),
    ("route.instance-id", |t| each(&t.routes, |r| r.instance_id.clone())),
    ("route.nat-gateway-id", |t| each(&t.routes, |r| r.nat_gateway_id.clone())),
    ("route.transit-gateway-id", |t| each(&t.routes, |r| r.transit_gateway_id.clone())),
    ("route.origin", |t| each(&t.routes, |r| r.origin.clone())),
    ("route.state", |t| each(&t.routes, |r| r.state.clone())),
    ("route.vpc-peering-connection-id", |t| {
        each(&t.routes, |r| r.vpc_peering_connection_id.clone())
    }),
    ("vpc-id", |t| one(&t.vpc_id)),
];

const LISTING: Listing<ec2::RouteTable> = Listing {
    fields: FIELDS,
    id: |t| &t.route_table_id,
    tags: |t| &t.tags,
    not_found: RouteTable::not_found,
};

pub async fn call(
    ctx: Ctx,
    input: DescribeRouteTablesRequest,
) -> Result<DescribeRouteTablesResult, AwsError> {
    dry_run(input.dry_run)?;
    let snapshot = ctx.snapshot();
    let page = LISTING.page(
        all::<RouteTable>(&snapshot, &ctx.region).map(|t| super::shape(&ctx, &snapshot, &t)),
        Asked {
            ids: input.route_table_ids,
            filters: input.filters,
            max_results: input.max_results,
            next_token: input.next_token,
        },
    )?;
    Ok(DescribeRouteTablesResult { route_tables: Some(page.items), next_token: page.next_token })
}
