//! DetachInternetGateway: parts a gateway from its VPC, once no interface there
//! has a public address.

use neargate_api::model::ec2::{InternetGateway, NetworkInterface, Vpc};
use neargate_api::types::ec2::{DetachInternetGatewayOutput, DetachInternetGatewayRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::{all, find};

pub async fn call(
    ctx: Ctx,
    input: DetachInternetGatewayRequest,
) -> Result<DetachInternetGatewayOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let gateway = find::<InternetGateway>(tx, &region, &input.internet_gateway_id)?;
        let vpc = find::<Vpc>(tx, &region, &input.vpc_id)?;
        let (id, vpc_id) = (&gateway.gateway_id, &vpc.vpc_id);
        if gateway.vpc_id.as_ref() != Some(vpc_id) {
            let message = format!("resource {id} is not attached to network {vpc_id}");
            return Err(error::of("Gateway.NotAttached", message));
        }
        let mapped = all::<NetworkInterface>(tx, &region)
            .any(|interface| interface.vpc_id == *vpc_id && interface.public.is_some());
        if mapped {
            return Err(error::dependency(format!(
                "Network {vpc_id} has some mapped public address(es). Please unmap those public \
                 address(es) before detaching the gateway."
            )));
        }
        tx.update::<InternetGateway>(&gateway.key(), |gateway| gateway.vpc_id = None);
        Ok(DetachInternetGatewayOutput {})
    })
    .await
}
