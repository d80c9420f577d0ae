//! Route tables and the subnets that follow them.

pub mod associate;
pub mod create;
pub mod delete;
pub mod describe;
pub mod disassociate;
pub mod replace_association;

use std::sync::Arc;

use neargate_api::model::ec2::{
    EndpointKind, InternetGateway, NatGateway, NatState, NetworkInterface, Route, RouteOrigin,
    RouteTable, RouteTarget, Vpc, VpcEndpoint, key, prefix_lists,
};
use neargate_api::types::ec2;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::resource::all;
use crate::{error, tag};

/// A route table as the wire has it: the local routes first, then its own, then
/// those of gateway endpoints.
pub fn shape(ctx: &Ctx, snapshot: &Snapshot, table: &RouteTable) -> ec2::RouteTable {
    let id = &table.route_table_id;
    let associations = table.associations.iter().map(|association| ec2::RouteTableAssociation {
        association_state: Some(associated()),
        main: Some(association.subnet_id.is_none()),
        route_table_association_id: Some(association.association_id.clone()),
        route_table_id: Some(id.clone()),
        subnet_id: association.subnet_id.clone(),
        ..ec2::RouteTableAssociation::default()
    });
    let vpc = snapshot.get::<Vpc>(&key(&table.region, &table.vpc_id));
    let cidrs = vpc.iter().flat_map(|vpc| &vpc.cidrs);
    let local = cidrs.map(|own| own.cidr.to_string()).filter(|cidr| !replaced(table, cidr)).map(
        |destination| Route {
            destination,
            target: RouteTarget::Local,
            origin: RouteOrigin::CreateRouteTable,
        },
    );
    let routes = local.chain(table.routes.iter().cloned()).map(|r| route(ctx, snapshot, table, &r));
    ec2::RouteTable {
        route_table_id: Some(id.clone()),
        vpc_id: Some(table.vpc_id.clone()),
        associations: Some(associations.collect()),
        routes: Some(routes.chain(endpoint_routes(snapshot, table)).collect()),
        propagating_vgws: Some(Vec::new()),
        owner_id: Some(ctx.account().into()),
        tags: tag::shown(snapshot, &table.region, id),
    }
}

/// Whether a route of the table stands in for the local one of this block.
fn replaced(table: &RouteTable, cidr: &str) -> bool {
    table.routes.iter().any(|route| route.destination == cidr)
}

pub(crate) fn associated() -> ec2::RouteTableAssociationState {
    ec2::RouteTableAssociationState { state: Some("associated".into()), status_message: None }
}

fn route(ctx: &Ctx, snapshot: &Snapshot, table: &RouteTable, route: &Route) -> ec2::Route {
    let mut shape = ec2::Route {
        origin: Some(
            match route.origin {
                RouteOrigin::CreateRouteTable => "CreateRouteTable",
                RouteOrigin::CreateRoute => "CreateRoute",
            }
            .into(),
        ),
        state: Some(
            if leads_on(snapshot, table, &route.target) { "active" } else { "blackhole" }.into(),
        ),
        ..ec2::Route::default()
    };
    let destination = Some(route.destination.clone());
    match route.destination.as_str() {
        text if text.starts_with("pl-") => shape.destination_prefix_list_id = destination,
        text if text.contains(':') => shape.destination_ipv6_cidr_block = destination,
        _ => shape.destination_cidr_block = destination,
    }
    match &route.target {
        RouteTarget::Local => shape.gateway_id = Some("local".into()),
        RouteTarget::InternetGateway(id) | RouteTarget::VpcEndpoint(id) => {
            shape.gateway_id = Some(id.clone());
        }
        RouteTarget::NatGateway(id) => shape.nat_gateway_id = Some(id.clone()),
        RouteTarget::NetworkInterface(id) => {
            shape.network_interface_id = Some(id.clone());
            shape.instance_owner_id = Some(ctx.account().into());
        }
    }
    shape
}

/// Whether a route's target is there to take the traffic.
fn leads_on(snapshot: &Snapshot, table: &RouteTable, target: &RouteTarget) -> bool {
    let region = &table.region;
    match target {
        RouteTarget::Local => true,
        RouteTarget::InternetGateway(id) => snapshot
            .get::<InternetGateway>(&key(region, id))
            .is_some_and(|gateway| gateway.vpc_id.as_deref() == Some(&table.vpc_id)),
        RouteTarget::NatGateway(id) => snapshot
            .get::<NatGateway>(&key(region, id))
            .is_some_and(|nat| nat.state == NatState::Available),
        RouteTarget::NetworkInterface(id) => snapshot
            .get::<NetworkInterface>(&key(region, id))
            .is_some_and(|interface| interface.attachment.is_some()),
        RouteTarget::VpcEndpoint(id) => snapshot.contains::<VpcEndpoint>(&key(region, id)),
    }
}

/// The routes that gateway endpoints put into the table.
fn endpoint_routes(snapshot: &Snapshot, table: &RouteTable) -> Vec<ec2::Route> {
    let lists = prefix_lists(&table.region);
    all::<VpcEndpoint>(snapshot, &table.region)
        .filter(|e| e.kind == EndpointKind::Gateway)
        .filter(|e| e.route_table_ids.contains(&table.route_table_id))
        .map(|endpoint| ec2::Route {
            destination_prefix_list_id: lists
                .iter()
                .find(|list| list.name == endpoint.service_name)
                .map(|list| list.id.clone()),
            gateway_id: Some(endpoint.endpoint_id.clone()),
            origin: Some("CreateRoute".into()),
            state: Some("active".into()),
            ..ec2::Route::default()
        })
        .collect()
}

/// The table that holds this association.
fn of_association(
    snapshot: &Snapshot,
    region: &str,
    association_id: &str,
) -> Result<Arc<RouteTable>, AwsError> {
    let holds = |table: &Arc<RouteTable>| {
        table.associations.iter().any(|a| a.association_id == association_id)
    };
    all::<RouteTable>(snapshot, region).find(holds).ok_or_else(|| {
        let message = format!("The association ID '{association_id}' does not exist");
        error::of("InvalidAssociationID.NotFound", message)
    })
}
