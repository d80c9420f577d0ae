//! AttachInternetGateway: joins a gateway to a VPC; each has one of the other.

use neargate_api::model::ec2::{InternetGateway, Vpc};
use neargate_api::types::ec2::{AttachInternetGatewayOutput, AttachInternetGatewayRequest};
use neargate_api::{AwsError, Ctx, Record};

use crate::error::{self, dry_run};
use crate::resource::{all, find};

pub async fn call(
    ctx: Ctx,
    input: AttachInternetGatewayRequest,
) -> Result<AttachInternetGatewayOutput, AwsError> {
    dry_run(input.dry_run)?;
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        let gateway = find::<InternetGateway>(tx, &region, &input.internet_gateway_id)?;
        let vpc = find::<Vpc>(tx, &region, &input.vpc_id)?;
        let id = &gateway.gateway_id;
        if let Some(attached) = &gateway.vpc_id {
            let message = format!("resource {id} is already attached to network {attached}");
            return Err(error::of("Resource.AlreadyAssociated", message));
        }
        let other = all::<InternetGateway>(tx, &region)
            .any(|other| other.vpc_id.as_deref() == Some(&vpc.vpc_id));
        if other {
            let message =
                format!("Network {} already has an internet gateway attached", vpc.vpc_id);
            return Err(error::invalid(message));
        }
        tx.update::<InternetGateway>(&gateway.key(), |g| g.vpc_id = Some(vpc.vpc_id.clone()));
        Ok(AttachInternetGatewayOutput {})
    })
    .await
}
