//! DisassociateRouteTable: has a subnet follow the VPC's main table again.

use neargate_api::model::ec2::RouteTable;
use neargate_api::types::ec2::{DisassociateRouteTableOutput, DisassociateRouteTableRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};

pub async fn call(
    ctx: Ctx,
    input: DisassociateRouteTableRequest,
) -> Result<DisassociateRouteTableOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let id = input.association_id.as_str();
        let table = super::of_association(tx, &region, id)?;
        let main =
            table.associations.iter().any(|a| a.association_id == id && a.subnet_id.is_none());
        if main {
            return Err(error::invalid(format!(
                "cannot disassociate the main route table association {id}"
            )));
        }
        tx.update::<RouteTable>(&table.key(), |table| {
            table.associations.retain(|a| a.association_id != id);
        });
        Ok(DisassociateRouteTableOutput {})
    })
    .await
}
