//! ModifyVpcAttribute: changes one setting of a VPC.

use neargate_api::model::ec2::{Vpc, key};
use neargate_api::types::ec2::{ModifyVpcAttributeOutput, ModifyVpcAttributeRequest};
use neargate_api::{AwsError, Ctx};

use crate::error;
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: ModifyVpcAttributeRequest,
) -> Result<ModifyVpcAttributeOutput, AwsError> {
    let support = input.enable_dns_support.and_then(|new| new.value);
    let hostnames = input.enable_dns_hostnames.and_then(|new| new.value);
    let metrics = input.enable_network_address_usage_metrics.and_then(|new| new.value);
    match [support, hostnames, metrics].iter().flatten().count() {
        0 => return Err(error::missing("attribute")),
        1 => {}
        _ => return Err(error::combination("Fields for multiple attribute types specified")),
    }
    let region = ctx.region.clone();
    ctx.write(move |tx| {
        find::<Vpc>(tx, &region, &input.vpc_id)?;
        tx.update::<Vpc>(&key(&region, &input.vpc_id), |vpc| {
            vpc.enable_dns_support = support.unwrap_or(vpc.enable_dns_support);
            vpc.enable_dns_hostnames = hostnames.unwrap_or(vpc.enable_dns_hostnames);
            vpc.enable_network_address_usage_metrics =
                metrics.unwrap_or(vpc.enable_network_address_usage_metrics);
        });
        Ok(ModifyVpcAttributeOutput {})
    })
    .await
}
