//! FilterLogEvents: a group's streams, by time and pattern. `aws logs tail` is
//! this again and again.

use neargate_api::types::logs::{
    FilterLogEventsRequest, FilterLogEventsResponse, FilteredLogEvent, error,
};
use neargate_api::{AwsError, Ctx};
use neargate_loglines::{Filter, LogLines, Streams};
use neargate_logquery::filter_pattern::FilterPattern;

use crate::{event, group, stream};

pub async fn call(
    ctx: Ctx,
    lines: LogLines,
    input: FilterLogEventsRequest,
) -> Result<FilterLogEventsResponse, AwsError> {
    if input.start_from_head == Some(false) {
        return Err(error::invalid_parameter_exception(
            "Neargate searches from the head only: leave startFromHead out, or make it true.",
        ));
    }
    let name = group::named(input.log_group_name, input.log_group_identifier)?;
    let snapshot = ctx.snapshot();
    let group = group::find(&ctx, &snapshot, &name)?;
    let streams = match (input.log_stream_names, input.log_stream_name_prefix) {
        (Some(_), Some(_)) => {
            return Err(error::invalid_parameter_exception(
                "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.",
            ));
        }
        (Some(names), None) => {
            for stream in &names {
                stream::find(&ctx, &snapshot, &name, stream)?;
            }
            Streams::Named(names)
        }
        (None, Some(prefix)) => Streams::Prefix(prefix),
        (None, None) => Streams::All,
    };
    let pattern = input.filter_pattern.unwrap_or_default();
    let pattern = FilterPattern::parse(&pattern)
        .map_err(|invalid| error::invalid_parameter_exception(invalid.to_string()))?;
    let filter = Filter {
        streams,
        start_ms: input.start_time,
        end_ms: input.end_time,
        limit: event::limit(input.limit),
        token: input.next_token,
    };
    let accepts = move |message: &str| pattern.matches(message);
    let page = lines.filter(&group.lines_key(), filter, accepts).await.map_err(event::failed)?;
    let events = page.events.into_iter().map(|event| FilteredLogEvent {
        event_id: Some(event.id),
        ingestion_time: Some(event.ingestion_ms),
        log_stream_name: Some(event.stream.to_string()),
        message: Some(event.message),
        timestamp: Some(event.timestamp_ms),
    });
    Ok(FilterLogEventsResponse {
        events: Some(events.collect()),
        next_token: page.next_token,
        searched_log_streams: Some(Vec::new()),
    })
}
