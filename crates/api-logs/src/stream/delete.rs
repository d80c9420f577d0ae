//! DeleteLogStream: the lines first, then the name.

use neargate_api::model::logs::{LogGroup, LogStream, lines_key};
use neargate_api::types::logs::{DeleteLogStreamOutput, DeleteLogStreamRequest, error};
use neargate_api::{AwsError, Ctx, Snapshot};
use neargate_loglines::LogLines;

use crate::{event, group, stream};

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: DeleteLogStreamRequest,
) -> Result<DeleteLogStreamOutput, AwsError> {
    let group_key = LogGroup::key_of(&ctx.region, &input.log_group_name);
    let key = LogStream::key_of(&ctx.region, &input.log_group_name, &input.log_stream_name);
    check(&ctx.snapshot(), &group_key, &key)?;
    let lines_of = lines_key(&ctx.region, &input.log_group_name);
    lines.delete_stream(&lines_of, &input.log_stream_name).await.map_err(event::failed)?;
    ctx.write(move |tx| {
        check(tx, &group_key, &key)?;
        tx.delete::<LogStream>(&key);
        Ok(())
    })
    .await?;
    Ok(DeleteLogStreamOutput {})
}

fn check(snapshot: &Snapshot, group_key: &str, key: &str) -> Result<(), AwsError> {
    let group = snapshot.get::<LogGroup>(group_key).ok_or_else(group::not_found)?;
    if group.deletion_protection {
        return Err(error::validation_exception(
            "The log group of this log stream has deletion protection enabled.",
        ));
    }
    snapshot.contains::<LogStream>(key).then_some(()).ok_or_else(stream::not_found)
}
