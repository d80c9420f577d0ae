//! DescribeVpcAttribute: one setting of a VPC.

use neargate_api::model::ec2::Vpc;
use neargate_api::types::ec2::{
    AttributeBooleanValue, DescribeVpcAttributeRequest, DescribeVpcAttributeResult,
};
use neargate_api::{AwsError, Ctx};

use crate::error::{self, dry_run};
use crate::resource::find;

pub async fn call(
    ctx: Ctx,
    input: DescribeVpcAttributeRequest,
) -> Result<DescribeVpcAttributeResult, AwsError> {
    dry_run(input.dry_run)?;
    let vpc = find::<Vpc>(&ctx.snapshot(), &ctx.region, &input.vpc_id)?;
    let value = |value| Some(AttributeBooleanValue { value: Some(value) });
    let mut shown = DescribeVpcAttributeResult {
        vpc_id: Some(vpc.vpc_id.clone()),
        ..DescribeVpcAttributeResult::default()
    };
    match input.attribute.as_str() {
        "enableDnsSupport" => shown.enable_dns_support = value(vpc.enable_dns_support),
        "enableDnsHostnames" => shown.enable_dns_hostnames = value(vpc.enable_dns_hostnames),
        "enableNetworkAddressUsageMetrics" => {
            shown.enable_network_address_usage_metrics =
                value(vpc.enable_network_address_usage_metrics);
        }
        other => {
            return Err(error::invalid_value(
                other,
                "attribute",
                "This is not an attribute of VPCs.",
            ));
        }
    }
    Ok(shown)
}
