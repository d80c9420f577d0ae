//! DescribeEvents: those of the last hour, or of another time, oldest first.

use neargate_api::model::rds::{DbEvent, prefix};
use neargate_api::types::rds::{DescribeEventsMessage, Event, EventsMessage};
use neargate_api::{AwsError, Ctx, Record};

use crate::error;
use crate::listing::cut;

pub async fn call(ctx: Ctx, input: DescribeEventsMessage) -> Result<EventsMessage, AwsError> {
    if input.source_identifier.is_some() && input.source_type.is_none() {
        return Err(error::invalid_combination(
            "Cannot specify source identifier without source type",
        ));
    }
    let minutes = i64::from(input.duration.unwrap_or(60));
    let end = input.end_time.unwrap_or(ctx.now);
    let start = input.start_time.unwrap_or_else(|| end.plus_secs(-60 * minutes));
    let categories = input.event_categories.unwrap_or_default();
    let fits = |event: &DbEvent| {
        (start..=end).contains(&event.at)
            && input.source_type.as_deref().is_none_or(|kind| kind == event.source_type.as_str())
            && input
                .source_identifier
                .as_ref()
                .is_none_or(|id| id.eq_ignore_ascii_case(&event.source_identifier))
            && (categories.is_empty() || categories.contains(&event.category))
    };
    let snapshot = ctx.snapshot();
    let found = snapshot.scan::<DbEvent>(&prefix(&ctx.region)).filter(|event| fits(event));
    let (found, marker) =
        cut(found.collect(), |event| event.key(), input.marker.as_deref(), input.max_records)?;
    let shapes = found.iter().map(|event| shape(event)).collect();
    Ok(EventsMessage { events: Some(shapes), marker })
}

fn shape(event: &DbEvent) -> Event {
    Event {
        date: Some(event.at),
        event_categories: Some(vec![event.category.clone()]),
        message: Some(event.message.clone()),
        source_arn: Some(event.source_arn.clone()),
        source_identifier: Some(event.source_identifier.clone()),
        source_type: Some(event.source_type.as_str().into()),
    }
}
