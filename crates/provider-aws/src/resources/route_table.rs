//! `aws_route_table`, with the routes that stand in it. Where none do, those that
//! `aws_route` makes are left alone.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::{Value as Json, json};

use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};
use crate::{tags, waits};

pub struct RouteTable;

const MISSING: [&str; 1] = ["InvalidRouteTableID.NotFound"];

#[async_trait]
impl Resource for RouteTable {
    fn facts(&self) -> &'static Facts {
        &Facts { replaced_by: &["vpc_id"], zeroed: &["route"], ..Facts::NONE }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ec2::CreateRouteTableRequest {
            client_token: Some(cloud.client.once()),
            tag_specifications: tags::specifications("route-table", planned),
            vpc_id: planned.required("vpc_id"),
            ..Default::default()
        };
        let output = cloud.call::<ec2::CreateRouteTable>(&input).await?;
        Ok(output.route_table.unwrap_or_default().route_table_id.unwrap_or_default())
    }

    async fn complete(&self, cloud: &Cloud, planned: &Attributes) -> Result<(), Failure> {
        for route in planned.blocks("route") {
            cloud.call::<ec2::CreateRoute>(&request(&planned.id(), &route)).await?;
        }
        Ok(())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let id = known.id();
        let Some(table) = route_table(cloud, &id).await? else { return Ok(None) };
        let gateways = table.propagating_vgws.unwrap_or_default().into_iter();
        let routes: Vec<Json> =
            table.routes.unwrap_or_default().into_iter().filter(is_set).map(block).collect();
        known.extend(json!({
            "arn": cloud.arn("ec2", &format!("route-table/{id}")),
            "owner_id": table.owner_id,
            "propagating_vgws": gateways.filter_map(|gateway| gateway.gateway_id).collect::<Vec<_>>(),
            "route": routes,
            "vpc_id": table.vpc_id,
        }));
        tags::set(&mut known, cloud, tags::of_ec2(table.tags));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let id = planned.id();
        let (before, after) = (prior.blocks("route"), planned.blocks("route"));
        let same = |a: &Attributes, b: &Attributes| destination(a) == destination(b);
        for route in before.iter().filter(|old| !after.iter().any(|new| same(old, new))) {
            remove(cloud, &id, route).await?;
        }
        for route in after {
            match before.iter().find(|old| same(old, &route)) {
                None => {
                    cloud.call::<ec2::CreateRoute>(&request(&id, &route)).await?;
                }
                Some(old) if TARGETS.iter().any(|name| old.text(name) != route.text(name)) => {
                    cloud.call::<ec2::ReplaceRoute>(&replacement(&id, &route)).await?;
                }
                Some(_) => {}
            }
        }
        tags::update_ec2(cloud, &id, prior, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let Some(table) = route_table(cloud, &prior.id()).await? else { return Ok(()) };
        for association in table.associations.unwrap_or_default() {
            let Some(association_id) = association.route_table_association_id else { continue };
            let input = ec2::DisassociateRouteTableRequest { association_id, ..Default::default() };
            let gone = ["InvalidAssociationID.NotFound"];
            found(cloud.call::<ec2::DisassociateRouteTable>(&input).await, &gone)?;
        }
        let input =
            ec2::DeleteRouteTableRequest { route_table_id: prior.id(), ..Default::default() };
        let what = format!("Route table {}", prior.id());
        waits::delete(cloud, &what, &MISSING, &["DependencyViolation"], || {
            cloud.call::<ec2::DeleteRouteTable>(&input)
        })
        .await
    }
}

pub async fn route_table(cloud: &Cloud, id: &str) -> Result<Option<ec2::RouteTable>, Failure> {
    let ids = Some(vec![id.to_owned()]);
    let input = ec2::DescribeRouteTablesRequest { route_table_ids: ids, ..Default::default() };
    let described = found(cloud.call::<ec2::DescribeRouteTables>(&input).await, &MISSING)?;
    Ok(described.and_then(|output| output.route_tables?.into_iter().next()))
}

/// What a route may lead to, by the names of both this block and `aws_route`.
const TARGETS: [&str; 10] = [
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
];

/// Whether somebody made this route: not the VPC's own, and not a gateway endpoint's.
fn is_set(route: &ec2::Route) -> bool {
    let is_local = route.gateway_id.as_deref() == Some("local");
    let of_endpoint = route.gateway_id.as_deref().is_some_and(|id| id.starts_with("vpce-"))
        && route.destination_prefix_list_id.is_some();
    let created = route.origin.as_deref() == Some("CreateRoute");
    created && !is_local && !of_endpoint
}

fn block(route: ec2::Route) -> Json {
    let gateway_id = route.gateway_id.unwrap_or_default();
    let is_endpoint = gateway_id.starts_with("vpce-");
    let (gateway_id, endpoint_id) =
        if is_endpoint { (String::new(), gateway_id) } else { (gateway_id, String::new()) };
    json!({
        "carrier_gateway_id": route.carrier_gateway_id.unwrap_or_default(),
        "cidr_block": route.destination_cidr_block.unwrap_or_default(),
        "core_network_arn": route.core_network_arn.unwrap_or_default(),
        "destination_prefix_list_id": route.destination_prefix_list_id.unwrap_or_default(),
        "egress_only_gateway_id": route.egress_only_internet_gateway_id.unwrap_or_default(),
        "gateway_id": gateway_id,
        "ipv6_cidr_block": route.destination_ipv6_cidr_block.unwrap_or_default(),
        "local_gateway_id": route.local_gateway_id.unwrap_or_default(),
        "nat_gateway_id": route.nat_gateway_id.unwrap_or_default(),
        "network_interface_id": route.network_interface_id.unwrap_or_default(),
        "transit_gateway_id": route.transit_gateway_id.unwrap_or_default(),
        "vpc_endpoint_id": endpoint_id,
        "vpc_peering_connection_id": route.vpc_peering_connection_id.unwrap_or_default(),
    })
}

fn destination(route: &Attributes) -> [Option<String>; 3] {
    ["cidr_block", "ipv6_cidr_block", "destination_prefix_list_id"].map(|name| route.string(name))
}

fn request(table: &str, route: &Attributes) -> ec2::CreateRouteRequest {
    let [destination_cidr_block, destination_ipv6_cidr_block, destination_prefix_list_id] =
        destination(route);
    ec2::CreateRouteRequest {
        route_table_id: table.to_owned(),
        destination_cidr_block,
        destination_ipv6_cidr_block,
        destination_prefix_list_id,
        carrier_gateway_id: route.string("carrier_gateway_id"),
        core_network_arn: route.string("core_network_arn"),
        egress_only_internet_gateway_id: route.string("egress_only_gateway_id"),
        gateway_id: route.string("gateway_id"),
        local_gateway_id: route.string("local_gateway_id"),
        nat_gateway_id: route.string("nat_gateway_id"),
        network_interface_id: route.string("network_interface_id"),
        transit_gateway_id: route.string("transit_gateway_id"),
        vpc_endpoint_id: route.string("vpc_endpoint_id"),
        vpc_peering_connection_id: route.string("vpc_peering_connection_id"),
        ..Default::default()
    }
}

/// The same request, for a route that is there.
fn replacement(table: &str, route: &Attributes) -> ec2::ReplaceRouteRequest {
    let new = request(table, route);
    ec2::ReplaceRouteRequest {
        route_table_id: new.route_table_id,
        destination_cidr_block: new.destination_cidr_block,
        destination_ipv6_cidr_block: new.destination_ipv6_cidr_block,
        destination_prefix_list_id: new.destination_prefix_list_id,
        carrier_gateway_id: new.carrier_gateway_id,
        core_network_arn: new.core_network_arn,
        egress_only_internet_gateway_id: new.egress_only_internet_gateway_id,
        gateway_id: new.gateway_id,
        local_gateway_id: new.local_gateway_id,
        nat_gateway_id: new.nat_gateway_id,
        network_interface_id: new.network_interface_id,
        transit_gateway_id: new.transit_gateway_id,
        vpc_endpoint_id: new.vpc_endpoint_id,
        vpc_peering_connection_id: new.vpc_peering_connection_id,
        ..Default::default()
    }
}

async fn remove(cloud: &Cloud, table: &str, route: &Attributes) -> Result<(), Failure> {
    let [destination_cidr_block, destination_ipv6_cidr_block, destination_prefix_list_id] =
        destination(route);
    let input = ec2::DeleteRouteRequest {
        route_table_id: table.to_owned(),
        destination_cidr_block,
        destination_ipv6_cidr_block,
        destination_prefix_list_id,
        ..Default::default()
    };
    let missing = ["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"];
    found(cloud.call::<ec2::DeleteRoute>(&input).await, &missing)?;
    Ok(())
}

/// For `aws_route`, whose destinations have other names.
pub mod single {
    use super::*;

    /// The route of a table with this destination, as a block.
    pub async fn find(
        cloud: &Cloud,
        route: &Attributes,
    ) -> Result<Option<(Attributes, ec2::Route)>, Failure> {
        let wanted = destination(&as_block(route));
        let table = route_table(cloud, &route.required("route_table_id")).await?;
        let routes = table.and_then(|table| table.routes).unwrap_or_default();
        let mut blocks = routes.into_iter().map(|r| (Attributes::from(block(r.clone())), r));
        Ok(blocks.find(|(block, _)| destination(block) == wanted))
    }

    pub async fn create(cloud: &Cloud, route: &Attributes) -> Result<(), Failure> {
        let input = request(&route.required("route_table_id"), &as_block(route));
        cloud.call::<ec2::CreateRoute>(&input).await?;
        Ok(())
    }

    pub async fn replace(cloud: &Cloud, route: &Attributes) -> Result<(), Failure> {
        let input = replacement(&route.required("route_table_id"), &as_block(route));
        cloud.call::<ec2::ReplaceRoute>(&input).await?;
        Ok(())
    }

    pub async fn delete(cloud: &Cloud, route: &Attributes) -> Result<(), Failure> {
        remove(cloud, &route.required("route_table_id"), &as_block(route)).await
    }

    fn as_block(route: &Attributes) -> Attributes {
        let mut block = route.clone();
        block.set("cidr_block", route.get("destination_cidr_block").clone());
        block.set("ipv6_cidr_block", route.get("destination_ipv6_cidr_block").clone());
        block
    }
}
