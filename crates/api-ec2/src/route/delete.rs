//! DeleteRoute.

use neargate_api::model::ec2::RouteTable;
use neargate_api::types::ec2::{DeleteRouteOutput, DeleteRouteRequest};
use neargate_api::{AwsError, Ctx, Record};

use super::{destination, is_local, not_found};
use crate::error::{self, dry_run};
use crate::resource::find;

pub async fn call(ctx: Ctx, input: DeleteRouteRequest) -> Result<DeleteRouteOutput, AwsError> {
    dry_run(input.dry_run)?;
    let destination = destination(
        &ctx.region,
        input.destination_cidr_block,
        input.destination_ipv6_cidr_block,
        input.destination_prefix_list_id,
    )?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let table = find::<RouteTable>(tx, &region, &input.route_table_id)?;
        if is_local(tx, &table, &destination) {
            return Err(error::invalid(format!(
                "cannot remove local route {destination} in route table {}",
                table.route_table_id
            )));
        }
        if !table.routes.iter().any(|route| route.destination == destination) {
            return Err(not_found(&table, &destination));
        }
        tx.update::<RouteTable>(&table.key(), |table| {
            table.routes.retain(|route| route.destination != destination);
        });
        Ok(DeleteRouteOutput {})
    })
    .await
}
