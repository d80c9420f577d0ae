//! CreateLogStream.

use neargate_api::model::logs::{LogGroup, LogStream};
use neargate_api::types::logs::{CreateLogStreamOutput, CreateLogStreamRequest, error};
use neargate_api::{AwsError, Ctx};

use crate::{group, stream};

pub async fn call(
    ctx: Ctx,
    input: CreateLogStreamRequest,
) -> Result<CreateLogStreamOutput, AwsError> {
    let made = LogStream {
        region: ctx.region.clone(),
        arn: stream::resource(&ctx, &input.log_group_name, &input.log_stream_name),
        group: input.log_group_name,
        name: input.log_stream_name,
        created_ms: ctx.now.millis(),
    };
    ctx.write(move |tx| {
        if !tx.contains::<LogGroup>(&LogGroup::key_of(&made.region, &made.group)) {
            return Err(group::not_found());
        }
        tx.insert(made).map_err(|_| {
            error::resource_already_exists_exception("The specified log stream already exists")
        })
    })
    .await?;
    Ok(CreateLogStreamOutput {})
}
