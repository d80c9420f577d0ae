//! DescribeEventBus.

use neargate_api::types::events::{DescribeEventBusRequest, DescribeEventBusResponse};
use neargate_api::{AwsError, Ctx};

use super::{find, name_in};

pub async fn call(
    ctx: Ctx,
    input: DescribeEventBusRequest,
) -> Result<DescribeEventBusResponse, AwsError> {
    let bus = find(&ctx, &ctx.snapshot(), name_in(&input.name))?;
    Ok(DescribeEventBusResponse {
        arn: Some(bus.arn),
        creation_time: Some(bus.created_at),
        dead_letter_config: None,
        description: bus.description,
        kms_key_identifier: bus.kms_key_id,
        last_modified_time: Some(bus.modified_at),
        log_config: bus.log_config.map(|config| config.0),
        managed_by: None,
        name: Some(bus.name),
        policy: bus.policy,
    })
}
