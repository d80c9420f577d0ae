//! DeleteRouteTable: takes a table away, once no subnet follows it.

use neargate_api::model::ec2::{RouteTable, VpcEndpoint};
use neargate_api::types::ec2::{DeleteRouteTableOutput, DeleteRouteTableRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::{all, find};
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: DeleteRouteTableRequest,
) -> Result<DeleteRouteTableOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let id = input.route_table_id.as_str();
        let table = find::<RouteTable>(tx, &region, id)?;
        if !table.associations.is_empty() {
            return Err(error::has_dependencies("routeTable", id));
        }
        let endpoints: Vec<_> = all::<VpcEndpoint>(tx, &region)
            .filter(|endpoint| endpoint.route_table_ids.iter().any(|table| table == id))
            .collect();
        for endpoint in endpoints {
            tx.update::<VpcEndpoint>(&endpoint.key(), |endpoint| {
                endpoint.route_table_ids.retain(|table| table != id);
            });
        }
        tx.delete::<RouteTable>(&table.key());
        tag::forget(tx, &region, id);
        Ok(DeleteRouteTableOutput {})
    })
    .await
}
