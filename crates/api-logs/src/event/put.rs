//! PutLogEvents.

use neargate_api::model::logs::expired_before_ms;
use neargate_api::types::logs::{PutLogEventsRequest, PutLogEventsResponse};
use neargate_api::{AwsError, Ctx};
use neargate_loglines::{LogLines, NewEvent};

use crate::append::append;
use crate::event::batch;
use crate::{group, stream};

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: PutLogEventsRequest,
) -> Result<PutLogEventsResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let group = group::find(&ctx, &snapshot, &input.log_group_name)?;
    stream::find(&ctx, &snapshot, &input.log_group_name, &input.log_stream_name)?;
    let now_ms = ctx.now.millis();
    let sorted = batch::sort(input.log_events, now_ms, expired_before_ms(&group, now_ms))?;
    let events = sorted.accepted.into_iter().map(|event| NewEvent {
        timestamp_ms: event.timestamp,
        ingestion_ms: now_ms,
        message: event.message,
    });
    let (group, stream) = (&input.log_group_name, &input.log_stream_name);
    append(&ctx.cloud, &lines, &ctx.region, group, stream, events.collect()).await?;
    Ok(PutLogEventsResponse {
        // Nobody has to give it back any more, and old clients still want one.
        next_sequence_token: Some(ctx.rng().digits(56)),
        rejected_entity_info: None,
        rejected_log_events_info: sorted.rejected,
    })
}
