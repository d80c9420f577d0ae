//! CreateInternetGateway.

use neargate_api::model::ec2::InternetGateway;
use neargate_api::types::ec2::{CreateInternetGatewayRequest, CreateInternetGatewayResult};
use neargate_api::{AwsError, Ctx};

use crate::error::dry_run;
use crate::resource::Resource;
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: CreateInternetGatewayRequest,
) -> Result<CreateInternetGatewayResult, AwsError> {
    dry_run(input.dry_run)?;
    let tags = tag::for_creation(input.tag_specifications, InternetGateway::TYPE)?;
    let at = ctx.clone();
    ctx.write(move |tx| {
        let gateway = InternetGateway {
            region: at.region.clone(),
            gateway_id: format!("igw-{}", at.rng().hex(17)),
            vpc_id: None,
        };
        tx.put(gateway.clone());
        tag::store(tx, &at.region, &gateway.gateway_id, InternetGateway::TYPE, tags);
        let shape = super::shape(&at, tx, &gateway);
        Ok(CreateInternetGatewayResult { internet_gateway: Some(shape) })
    })
    .await
}
