//! LookupEvents: the region's management events of the last 90 days, newest
//! first, by one attribute and by time. Without a trail too.

use std::ops::ControlFlow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use neargate_api::types::cloudtrail::{
    Event, LookupAttribute, LookupEventsRequest, LookupEventsResponse, Resource, error,
};
use neargate_api::{AwsError, Ctx, Timestamp};
use neargate_eventlog::{Entry, EventLog, Found, Position};

const DAYS_MS: i64 = 90 * 24 * 60 * 60 * 1000;
const PAGE: i32 = 50;

/// What is looked for.
struct Wanted {
    region: String,
    from_ms: i64,
    to_ms: i64,
    attribute: Option<LookupAttribute>,
}

pub async fn call(
    ctx: Ctx,
    log: EventLog,
    input: LookupEventsRequest,
) -> Result<LookupEventsResponse, AwsError> {
    let limit = match input.max_results.unwrap_or(PAGE) {
        limit @ 1..=PAGE => limit as usize,
        _ => {
            return Err(error::invalid_max_results_exception(
                "A value of MaxResults must be between 1 and 50.",
            ));
        }
    };
    if input.event_category.is_some() {
        // Insights find nothing here, and are told as inert.
        return Ok(LookupEventsResponse { events: Some(Vec::new()), next_token: None });
    }
    let before = input.next_token.as_deref().map(position).transpose()?;
    let wanted = wanted(&ctx, input)?;
    // What was answered before this call is in the log by then.
    log.end().await;
    let found = tokio::task::spawn_blocking(move || find(&log, before, &wanted, limit)).await;
    let (events, next) = found.map_err(|e| internal(&e))?.map_err(|e| internal(&e))?;
    Ok(LookupEventsResponse { events: Some(events), next_token: next.map(token) })
}

fn wanted(ctx: &Ctx, input: LookupEventsRequest) -> Result<Wanted, AwsError> {
    let mut attributes = input.lookup_attributes.unwrap_or_default();
    if attributes.len() > 1 {
        return Err(error::invalid_lookup_attributes_exception(
            "LookupAttributes can contain at most one item.",
        ));
    }
    if let (Some(start), Some(end)) = (input.start_time, input.end_time)
        && start > end
    {
        return Err(error::invalid_time_range_exception(
            "Invalid time range: the start time is after the end time.",
        ));
    }
    let oldest_ms = ctx.now.millis() - DAYS_MS;
    // Times are in seconds: the last one is meant whole.
    let to_ms = input.end_time.map_or(i64::MAX, |end| end.millis().saturating_add(999));
    Ok(Wanted {
        region: ctx.region.clone(),
        from_ms: input.start_time.map_or(oldest_ms, |start| start.millis().max(oldest_ms)),
        to_ms,
        attribute: attributes.pop(),
    })
}

fn find(
    log: &EventLog,
    before: Option<Position>,
    wanted: &Wanted,
    limit: usize,
) -> std::io::Result<(Vec<Event>, Option<Position>)> {
    let (mut events, mut last, mut more) = (Vec::new(), None, false);
    log.back(before, |Found { entry, at }| {
        if entry.at_ms < wanted.from_ms - SLACK_MS {
            return ControlFlow::Break(());
        }
        if !matches(wanted, &entry) {
            return ControlFlow::Continue(());
        }
        if events.len() == limit {
            more = true;
            return ControlFlow::Break(());
        }
        last = Some(at);
        events.push(event(entry));
        ControlFlow::Continue(())
    })?;
    Ok((events, last.filter(|_| more)))
}

/// Entries stand in the order in which calls ended, but have the time when they came.
const SLACK_MS: i64 = 15 * 60 * 1000;

fn matches(wanted: &Wanted, entry: &Entry) -> bool {
    let in_time = entry.at_ms >= wanted.from_ms && entry.at_ms <= wanted.to_ms;
    in_time
        && entry.region == wanted.region
        && wanted.attribute.as_ref().is_none_or(|attribute| has(entry, attribute))
}

fn has(entry: &Entry, attribute: &LookupAttribute) -> bool {
    let value = attribute.attribute_value.as_str();
    match attribute.attribute_key.as_str() {
        "EventId" => entry.id == value,
        "EventName" => entry.name == value,
        "EventSource" => entry.source == value,
        "ReadOnly" => entry.read_only.to_string() == value,
        "Username" => entry.username.as_deref() == Some(value),
        "AccessKeyId" => entry.access_key_id.as_deref() == Some(value),
        "ResourceType" => entry.resources.iter().any(|(kind, _)| kind == value),
        "ResourceName" => entry.resources.iter().any(|(_, name)| is_called(name, value)),
        _ => false,
    }
}

/// A resource is found by its name also where the call had its ARN.
fn is_called(name: &str, value: &str) -> bool {
    name == value || (name.starts_with("arn:") && name.rsplit(['/', ':']).next() == Some(value))
}

fn event(entry: Entry) -> Event {
    let resource = |(kind, name)| Resource { resource_name: Some(name), resource_type: Some(kind) };
    Event {
        access_key_id: entry.access_key_id,
        cloud_trail_event: Some(entry.record.get().to_owned()),
        event_id: Some(entry.id),
        event_name: Some(entry.name),
        event_source: Some(entry.source),
        event_time: Some(Timestamp::from_secs(entry.at_ms.div_euclid(1000))),
        read_only: Some(entry.read_only.to_string()),
        resources: Some(entry.resources.into_iter().map(resource).collect()),
        username: entry.username,
    }
}

fn token(at: Position) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}/{}", at.segment, at.offset))
}

fn position(token: &str) -> Result<Position, AwsError> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (segment, offset) = text.split_once('/')?;
        Some(Position { segment: segment.parse().ok()?, offset: offset.parse().ok()? })
    };
    read().ok_or_else(|| error::invalid_next_token_exception("Invalid token"))
}

fn internal(error: &dyn std::fmt::Display) -> AwsError {
    tracing::error!(%error, "the log of events could not be read");
    AwsError::new(500, "InternalFailure", "The log of events could not be read.")
}
