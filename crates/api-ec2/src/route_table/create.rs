//! CreateRouteTable.

use neargate_api::model::ec2::{RouteTable, Vpc};
use neargate_api::types::ec2::{CreateRouteTableRequest, CreateRouteTableResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::resource::{Resource, all, find};
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: CreateRouteTableRequest,
) -> Result<CreateRouteTableResult, AwsError> {
    dry_run(input.dry_run)?;
    let tags = tag::for_creation(input.tag_specifications, RouteTable::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let vpc = find::<Vpc>(tx, &at.region, &input.vpc_id)?;
        let client_token = input.client_token;
        let before = all::<RouteTable>(tx, &at.region)
            .find(|table| table.client_token.is_some() && table.client_token == client_token);
        if let Some(before) = before {
            let route_table = Some(super::shape(&at, tx, &before));
            return Ok(CreateRouteTableResult { client_token, route_table });
        }
        let table = RouteTable {
            region: at.region.clone(),
            route_table_id: format!("rtb-{}", at.rng().hex(17)),
            vpc_id: vpc.vpc_id.clone(),
            routes: Vec::new(),
            associations: Vec::new(),
            client_token: client_token.clone(),
        };
        tx.put(table.clone());
        tag::store(tx, &at.region, &table.route_table_id, RouteTable::TYPE, tags);
        let route_table = Some(super::shape(&at, tx, &table));
        Ok(CreateRouteTableResult { client_token, route_table })
    })
    .await
}
