//! SetIpAddressType: `ipv4` is all that there is.

use neargate_api::types::elbv2::{SetIpAddressTypeInput, SetIpAddressTypeOutput};
use neargate_api::{AwsError, Ctx};

use super::nodes;
use crate::load_balancer;

pub async fn call(
    ctx: Ctx,
    input: SetIpAddressTypeInput,
) -> Result<SetIpAddressTypeOutput, AwsError> {
    load_balancer::find(&ctx.snapshot(), &input.load_balancer_arn)?;
    nodes::check_ip_address_type(&input.ip_address_type)?;
    Ok(SetIpAddressTypeOutput { ip_address_type: Some(input.ip_address_type) })
}
