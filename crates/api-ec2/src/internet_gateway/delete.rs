//! DeleteInternetGateway: takes a gateway away, once it is detached.

use neargate_api::model::ec2::InternetGateway;
use neargate_api::types::ec2::{DeleteInternetGatewayOutput, DeleteInternetGatewayRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::find;
use crate::tag;

pub async fn call(
    ctx: Ctx,
    input: DeleteInternetGatewayRequest,
) -> Result<DeleteInternetGatewayOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let gateway = find::<InternetGateway>(tx, &region, &input.internet_gateway_id)?;
        if gateway.vpc_id.is_some() {
            return Err(error::has_dependencies("internetGateway", &gateway.gateway_id));
        }
        tx.delete::<InternetGateway>(&gateway.key());
        tag::forget(tx, &region, &gateway.gateway_id);
        Ok(DeleteInternetGatewayOutput {})
    })
    .await
}
