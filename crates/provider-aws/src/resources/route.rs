//! `aws_route`: one route of a table.

use async_trait::async_trait;
use serde_json::json;

use super::route_table::single;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource};

pub struct Route;

#[async_trait]
impl Resource for Route {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &[
                "destination_cidr_block",
                "destination_ipv6_cidr_block",
                "destination_prefix_list_id",
                "route_table_id",
            ],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        single::create(cloud, planned).await?;
        Ok(id(planned))
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        let Some((block, route)) = single::find(cloud, &known).await? else { return Ok(None) };
        for name in [
            "carrier_gateway_id",
            "core_network_arn",
            "destination_prefix_list_id",
            "egress_only_gateway_id",
            "gateway_id",
            "local_gateway_id",
            "nat_gateway_id",
            "network_interface_id",
            "transit_gateway_id",
            "vpc_endpoint_id",
            "vpc_peering_connection_id",
        ] {
            known.set_text(name, block.string(name));
        }
        known.extend(json!({
            "destination_cidr_block": route.destination_cidr_block.unwrap_or_default(),
            "destination_ipv6_cidr_block": route.destination_ipv6_cidr_block.unwrap_or_default(),
            "instance_id": route.instance_id.unwrap_or_default(),
            "instance_owner_id": route.instance_owner_id.unwrap_or_default(),
            "origin": route.origin,
            "state": route.state,
        }));
        let id = id(&known);
        known.set("id", id);
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        single::replace(cloud, planned).await
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        single::delete(cloud, prior).await
    }

    /// `rtb-1_10.0.0.0/16`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let Some((table, destination)) = id.split_once('_') else {
            return Err(Failure::told(format!("{id} is not of the form TABLE_DESTINATION")));
        };
        let name = match destination {
            ipv6 if ipv6.contains(':') => "destination_ipv6_cidr_block",
            list if list.starts_with("pl-") => "destination_prefix_list_id",
            _ => "destination_cidr_block",
        };
        Ok(Attributes::from(json!({ "id": id, "route_table_id": table, name: destination })))
    }
}

/// As Terraform's provider has it: the destination's checksum behind the table's id.
pub fn id(route: &Attributes) -> String {
    let names =
        ["destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"];
    let destination = names.into_iter().find_map(|name| route.text(name)).unwrap_or_default();
    let checksum = crc32fast::hash(destination.as_bytes());
    format!("r-{}{checksum}", route.required("route_table_id"))
}
