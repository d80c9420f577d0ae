//! ReplaceRoute: gives a route another target. That of a VPC's own block goes
//! back to `local` with LocalTarget.

use neargate_api::model::ec2::{Route, RouteOrigin, RouteTable, RouteTarget};
use neargate_api::types::ec2::{ReplaceRouteOutput, ReplaceRouteRequest};
use neargate_api::{AwsError, Ctx, Record};

use super::{Targets, destination, is_local, not_found};
use crate::error::dry_run;
use crate::resource::find;

pub async fn call(ctx: Ctx, input: ReplaceRouteRequest) -> Result<ReplaceRouteOutput, AwsError> {
    dry_run(input.dry_run)?;
    let targets = Targets {
        gateway_id: input.gateway_id,
        nat_gateway_id: input.nat_gateway_id,
        network_interface_id: input.network_interface_id,
        local: input.local_target == Some(true),
        others: vec![
            ("TransitGatewayId", input.transit_gateway_id),
            ("VpcPeeringConnectionId", input.vpc_peering_connection_id),
            ("InstanceId", input.instance_id),
            ("EgressOnlyInternetGatewayId", input.egress_only_internet_gateway_id),
            ("LocalGatewayId", input.local_gateway_id),
            ("CarrierGatewayId", input.carrier_gateway_id),
            ("CoreNetworkArn", input.core_network_arn),
            ("VpcEndpointId", input.vpc_endpoint_id),
            ("OdbNetworkArn", input.odb_network_arn),
        ],
    };
    let destination = destination(
        &ctx.region,
        input.destination_cidr_block,
        input.destination_ipv6_cidr_block,
        input.destination_prefix_list_id,
    )?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let table = find::<RouteTable>(tx, &region, &input.route_table_id)?;
        let target = targets.one(tx, &table)?;
        let local = is_local(tx, &table, &destination);
        if !local && !table.routes.iter().any(|route| route.destination == destination) {
            return Err(not_found(&table, &destination));
        }
        tx.update::<RouteTable>(&table.key(), |table| {
            table.routes.retain(|route| route.destination != destination);
            if target != RouteTarget::Local {
                table.routes.push(Route { destination, target, origin: RouteOrigin::CreateRoute });
            }
        });
        Ok(ReplaceRouteOutput {})
    })
    .await
}
