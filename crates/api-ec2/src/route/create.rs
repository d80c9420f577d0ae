//! CreateRoute.

use neargate_api::model::ec2::{Route, RouteOrigin, RouteTable, RouteTarget};
use neargate_api::types::ec2::{CreateRouteRequest, CreateRouteResult};
use neargate_api::{AwsError, Ctx, Record};

use super::{Targets, destination, is_local};
use crate::error::{self, dry_run};
use crate::resource::find;

/// Routes of a table that can be made. Source: "Route tables" in the VPC quotas.
const LIMIT: usize = 500;

pub async fn call(ctx: Ctx, input: CreateRouteRequest) -> Result<CreateRouteResult, AwsError> {
    dry_run(input.dry_run)?;
    let targets = Targets {
        gateway_id: input.gateway_id,
        nat_gateway_id: input.nat_gateway_id,
        network_interface_id: input.network_interface_id,
        local: false,
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
        let exists = is_local(tx, &table, &destination)
            || table.routes.iter().any(|route| route.destination == destination);
        if exists {
            let message = format!("The route identified by {destination} already exists.");
            return Err(error::of("RouteAlreadyExists", message));
        }
        if target == RouteTarget::Local {
            return Err(error::invalid_value(
                "local",
                "gatewayId",
                "Only a local route can be to it.",
            ));
        }
        if table.routes.len() >= LIMIT {
            return Err(error::of(
                "RouteLimitExceeded",
                "The maximum number of routes has been reached.",
            ));
        }
        let route = Route { destination, target, origin: RouteOrigin::CreateRoute };
        tx.update::<RouteTable>(&table.key(), |table| table.routes.push(route));
        Ok(CreateRouteResult { r#return: Some(true) })
    })
    .await
}
