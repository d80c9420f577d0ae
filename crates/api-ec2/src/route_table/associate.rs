//! AssociateRouteTable: has a subnet follow a table of its own.

use neargate_api::model::ec2::{RouteTable, Subnet, TableAssociation};
use neargate_api::types::ec2::{AssociateRouteTableRequest, AssociateRouteTableResult};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::{all, find};

pub async fn call(
    ctx: Ctx,
    input: AssociateRouteTableRequest,
) -> Result<AssociateRouteTableResult, AwsError> {
    dry_run(input.dry_run)?;
    if input.gateway_id.is_some() || input.public_ipv4_pool.is_some() {
        return Err(error::unsupported(
            "GatewayId",
            "route tables are associated with subnets only.",
        ));
    }
    let subnet_id = input.subnet_id.ok_or_else(|| error::missing("SubnetId"))?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let table = find::<RouteTable>(tx, &at.region, &input.route_table_id)?;
        let subnet = find::<Subnet>(tx, &at.region, &subnet_id)?;
        let id = &table.route_table_id;
        if table.vpc_id != subnet.vpc_id {
            let message = format!(
                "route table {id} and subnet {} belong to different networks",
                subnet.subnet_id
            );
            return Err(error::invalid(message));
        }
        let follows = |t: &RouteTable| {
            t.associations.iter().any(|a| a.subnet_id.as_ref() == Some(&subnet_id))
        };
        if all::<RouteTable>(tx, &at.region).any(|t| follows(&t)) {
            let message = format!(
                "the specified association for route table {id} conflicts with an existing association"
            );
            return Err(error::of("Resource.AlreadyAssociated", message));
        }
        let association_id = format!("rtbassoc-{}", at.rng().hex(17));
        let added = TableAssociation {
            association_id: association_id.clone(),
            subnet_id: Some(subnet_id.clone()),
        };
        tx.update::<RouteTable>(&table.key(), |table| table.associations.push(added));
        Ok(AssociateRouteTableResult {
            association_id: Some(association_id),
            association_state: Some(super::associated()),
        })
    })
    .await
}
