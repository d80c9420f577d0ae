//! ReplaceRouteTableAssociation: has a subnet follow another table, or makes
//! another table the VPC's main one.

use neargate_api::model::ec2::{RouteTable, TableAssociation};
use neargate_api::types::ec2::{
    ReplaceRouteTableAssociationRequest, ReplaceRouteTableAssociationResult,
};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: ReplaceRouteTableAssociationRequest,
) -> Result<ReplaceRouteTableAssociationResult, AwsError> {
    dry_run(input.dry_run)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let old_id = input.association_id.as_str();
        let from = super::of_association(tx, &at.region, old_id)?;
        let to = find::<RouteTable>(tx, &at.region, &input.route_table_id)?;
        if from.vpc_id != to.vpc_id {
            return Err(error::invalid(format!(
                "route table {} and route table {} belong to different networks",
                from.route_table_id, to.route_table_id
            )));
        }
        let old = from.associations.iter().find(|a| a.association_id == old_id);
        let subnet_id = old.and_then(|old| old.subnet_id.clone());
        tx.update::<RouteTable>(&from.key(), |table| {
            table.associations.retain(|a| a.association_id != old_id);
        });
        let association_id = format!("rtbassoc-{}", at.rng().hex(17));
        let new = TableAssociation { association_id: association_id.clone(), subnet_id };
        tx.update::<RouteTable>(&to.key(), |table| table.associations.push(new));
        Ok(ReplaceRouteTableAssociationResult {
            association_state: Some(super::associated()),
            new_association_id: Some(association_id),
        })
    })
    .await
}
