//! Log streams: what their operations share.

pub mod create;
pub mod delete;
pub mod describe;

use std::sync::Arc;

use neargate_api::model::logs::LogStream;
use neargate_api::types::logs::error;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::group;

/// The ARN of a stream.
pub fn resource(ctx: &Ctx, group: &str, stream: &str) -> String {
    ctx.arn("logs", format!("log-group:{group}:log-stream:{stream}"))
}

/// The stream, of a group that is there.
pub fn find(
    ctx: &Ctx,
    snapshot: &Snapshot,
    group: &str,
    name: &str,
) -> Result<Arc<LogStream>, AwsError> {
    group::find(ctx, snapshot, group)?;
    snapshot.get(&LogStream::key_of(&ctx.region, group, name)).ok_or_else(not_found)
}

/// AWS's error for a stream that is not there.
pub fn not_found() -> AwsError {
    error::resource_not_found_exception("The specified log stream does not exist.")
}
