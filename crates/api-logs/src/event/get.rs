//! GetLogEvents: one stream, page by page in either direction.

use neargate_api::types::logs::{GetLogEventsRequest, GetLogEventsResponse, OutputLogEvent};
use neargate_api::{AwsError, Ctx};
use neargate_loglines::{LogLines, Read};

use crate::{event, group, stream};

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: GetLogEventsRequest,
) -> Result<GetLogEventsResponse, AwsError> {
    let name = group::named(input.log_group_name, input.log_group_identifier)?;
    let snapshot = ctx.snapshot();
    stream::find(&ctx, &snapshot, &name, &input.log_stream_name)?;
    let read = Read {
        start_ms: input.start_time,
        end_ms: input.end_time,
        limit: event::limit(input.limit),
        start_from_head: input.start_from_head.unwrap_or(false),
        token: input.next_token,
    };
    let key = group::find(&ctx, &snapshot, &name)?.lines_key();
    let page = lines.read(&key, &input.log_stream_name, read).await.map_err(event::failed)?;
    let events = page.events.into_iter().map(|event| OutputLogEvent {
        ingestion_time: Some(event.ingestion_ms),
        message: Some(event.message),
        timestamp: Some(event.timestamp_ms),
    });
    Ok(GetLogEventsResponse {
        events: Some(events.collect()),
        next_backward_token: Some(page.next_backward_token),
        next_forward_token: Some(page.next_forward_token),
    })
}
