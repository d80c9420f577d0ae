//! `aws_route_table_association`: of a subnet, or of a gateway, with a route table.

use async_trait::async_trait;
use neargate_api_types::ec2;
use serde_json::json;

use super::route_table::route_table;
use crate::attributes::Attributes;
use crate::cloud::Cloud;
use crate::resource::{Facts, Failure, Resource, found};

pub struct RouteTableAssociation;

#[async_trait]
impl Resource for RouteTableAssociation {
    fn facts(&self) -> &'static Facts {
        &Facts {
            replaced_by: &["gateway_id", "subnet_id"],
            unsettles: &[("route_table_id", "id")],
            ..Facts::NONE
        }
    }

    async fn create(&self, cloud: &Cloud, planned: &Attributes) -> Result<String, Failure> {
        let input = ec2::AssociateRouteTableRequest {
            gateway_id: planned.string("gateway_id"),
            route_table_id: planned.required("route_table_id"),
            subnet_id: planned.string("subnet_id"),
            ..Default::default()
        };
        let output = cloud.call::<ec2::AssociateRouteTable>(&input).await?;
        Ok(output.association_id.unwrap_or_default())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        mut known: Attributes,
    ) -> Result<Option<Attributes>, Failure> {
        // After an update it has another id: what it associates tells which it is.
        let table = route_table(cloud, &known.required("route_table_id")).await?;
        let associations = table.and_then(|table| table.associations).unwrap_or_default();
        let id = known.id();
        let is = |association: &ec2::RouteTableAssociation| {
            association.route_table_association_id.as_deref() == Some(id.as_str())
                || (association.subnet_id.is_some()
                    && association.subnet_id == known.string("subnet_id"))
                || (association.gateway_id.is_some()
                    && association.gateway_id == known.string("gateway_id"))
        };
        let Some(association) = associations.into_iter().find(is) else { return Ok(None) };
        known.extend(json!({
            "gateway_id": association.gateway_id.unwrap_or_default(),
            "id": association.route_table_association_id,
            "route_table_id": association.route_table_id,
            "subnet_id": association.subnet_id.unwrap_or_default(),
        }));
        Ok(Some(known))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        prior: &Attributes,
        planned: &Attributes,
    ) -> Result<(), Failure> {
        let input = ec2::ReplaceRouteTableAssociationRequest {
            association_id: prior.id(),
            route_table_id: planned.required("route_table_id"),
            ..Default::default()
        };
        cloud.call::<ec2::ReplaceRouteTableAssociation>(&input).await?;
        Ok(())
    }

    async fn delete(&self, cloud: &Cloud, prior: &Attributes) -> Result<(), Failure> {
        let input =
            ec2::DisassociateRouteTableRequest { association_id: prior.id(), ..Default::default() };
        let gone = ["InvalidAssociationID.NotFound"];
        found(cloud.call::<ec2::DisassociateRouteTable>(&input).await, &gone)?;
        Ok(())
    }

    /// `subnet-1/rtb-1`.
    fn imported(&self, id: &str) -> Result<Attributes, Failure> {
        let Some((target, table)) = id.split_once('/') else {
            return Err(Failure::told(format!("{id} is not of the form SUBNET-OR-GATEWAY/TABLE")));
        };
        let name = if target.starts_with("subnet-") { "subnet_id" } else { "gateway_id" };
        Ok(Attributes::from(json!({ "id": id, "route_table_id": table, name: target })))
    }
}
