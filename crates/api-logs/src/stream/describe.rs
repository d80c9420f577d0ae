//! DescribeLogStreams, by name or by the time of the last event.

use std::sync::Arc;

use neargate_api::model::logs::{LogGroup, LogStream};
use neargate_api::types::logs::{
    self, DescribeLogStreamsRequest, DescribeLogStreamsResponse, error,
};
use neargate_api::{AwsError, Ctx};
use neargate_loglines::{LogLines, StreamStats};

use crate::{group, pages};

/// A stream, with what its lines tell.
struct Found {
    stream: Arc<LogStream>,
    stats: Option<StreamStats>,
}

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: DescribeLogStreamsRequest,
) -> Result<DescribeLogStreamsResponse, AwsError> {
    let by_time = input.order_by.as_deref() == Some("LastEventTime");
    if by_time && input.log_stream_name_prefix.is_some() {
        return Err(error::invalid_parameter_exception(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let snapshot = ctx.snapshot();
    let name = group::named(input.log_group_name, input.log_group_identifier)?;
    let group = group::find(&ctx, &snapshot, &name)?;
    let descending = input.descending.unwrap_or(false);
    let key = |found: &Found| order_key(found, by_time, descending);
    let prefix = input.log_stream_name_prefix.unwrap_or_default();
    let mut found = all(&snapshot, &lines, &group, &prefix);
    found.sort_by_cached_key(key);
    let page = pages::of(found, key, input.next_token.as_deref(), input.limit)?;
    Ok(DescribeLogStreamsResponse {
        log_streams: Some(page.items.iter().map(shown).collect()),
        next_token: page.next_token,
    })
}

fn all(
    snapshot: &neargate_api::Snapshot,
    lines: &LogLines,
    group: &LogGroup,
    prefix: &str,
) -> Vec<Found> {
    let lines_key = group.lines_key();
    snapshot
        .scan::<LogStream>(&format!("{}{prefix}", group.children()))
        .map(|stream| Found { stats: lines.stream_stats(&lines_key, &stream.name), stream })
        .collect()
}

/// Streams without events come first by time, as if their last were at the epoch.
fn order_key(found: &Found, by_time: bool, descending: bool) -> String {
    let name = &found.stream.name;
    let last_ms = found.stats.map_or(0, |stats| stats.last_event_ms).max(0);
    let key = if by_time { format!("{last_ms:020}{name}") } else { name.clone() };
    if descending { pages::descending(&key) } else { key }
}

/// The bytes of a stream are 0 on AWS since 2019: only a group's are counted.
fn shown(found: &Found) -> logs::LogStream {
    logs::LogStream {
        arn: Some(found.stream.arn.clone()),
        creation_time: Some(found.stream.created_ms),
        log_stream_name: Some(found.stream.name.clone()),
        first_event_timestamp: found.stats.map(|stats| stats.first_event_ms),
        last_event_timestamp: found.stats.map(|stats| stats.last_event_ms),
        last_ingestion_time: found.stats.map(|stats| stats.last_ingestion_ms),
        stored_bytes: Some(0),
        upload_sequence_token: None,
    }
}
