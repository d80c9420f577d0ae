//! PutEvents: a customer's events onto the buses that they name.

use std::collections::BTreeSet;

use neargate_api::model::events::EventBus;
use neargate_api::types::events::{
    PutEventsRequest, PutEventsRequestEntry, PutEventsResponse, PutEventsResultEntry,
};
use neargate_api::{AwsError, Ctx};
use neargate_rules::Event;
use neargate_rules::event::Telling;
use serde_json::value::RawValue;

use crate::{bus, invalid, publish};

/// Bytes of all entries together.
const LIMIT: usize = 1 << 20;

pub async fn call(ctx: Ctx, input: PutEventsRequest) -> Result<PutEventsResponse, AwsError> {
    if input.endpoint_id.is_some() {
        return Err(invalid(
            "Parameter EndpointId is not valid. Reason: Neargate has no global endpoints.",
        ));
    }
    let buses: BTreeSet<&str> =
        input.entries.iter().map(|entry| bus::name_in(&entry.event_bus_name)).collect();
    for name in buses {
        ctx.authorize("events:PutEvents", &bus::resource(&ctx, name))?;
    }
    if input.entries.iter().map(size).sum::<usize>() > LIMIT {
        return Err(invalid("Total size of the entries in the request is over the limit."));
    }
    let mut told = Vec::new();
    let mut results = Vec::new();
    for entry in input.entries {
        let bus = bus::name_in(&entry.event_bus_name).to_owned();
        match read(&ctx, entry) {
            Ok(event) => {
                results.push(PutEventsResultEntry {
                    event_id: Some(event.id.clone()),
                    ..Default::default()
                });
                told.push((bus, event));
            }
            Err((code, message)) => results.push(PutEventsResultEntry {
                error_code: Some(code.into()),
                error_message: Some(message),
                event_id: None,
            }),
        }
    }
    tell(&ctx, told).await?;
    let failed = results.iter().filter(|result| result.error_code.is_some()).count();
    Ok(PutEventsResponse { entries: Some(results), failed_entry_count: Some(failed as i32) })
}

async fn tell(ctx: &Ctx, told: Vec<(String, Event)>) -> Result<(), AwsError> {
    if told.is_empty() {
        return Ok(());
    }
    let now = ctx.now;
    let lost = ctx
        .write(move |tx| {
            let mut lost = Vec::new();
            for (bus, event) in told {
                if bus != "default"
                    && !tx.contains::<EventBus>(&EventBus::key_of(&event.region, &bus))
                {
                    lost.push(bus);
                    continue;
                }
                publish(tx, &bus, &event, now);
            }
            Ok(lost)
        })
        .await?;
    for bus in lost {
        // AWS says nothing to the caller either.
        tracing::warn!(bus, "an event was put onto a bus that does not exist, and is lost");
    }
    Ok(())
}

/// An entry's size, as "Calculating PutEvents event entry size" has it.
fn size(entry: &PutEventsRequestEntry) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let time = if entry.time.is_some() { 14 } else { 0 };
    let resources = entry.resources.iter().flatten().map(String::len).sum::<usize>();
    time + text(&entry.source) + text(&entry.detail_type) + text(&entry.detail) + resources
}

/// The event of an entry, or the code and message of its refusal.
fn read(ctx: &Ctx, entry: PutEventsRequestEntry) -> Result<Event, (&'static str, String)> {
    let required = |value: Option<String>, name: &str| {
        value.filter(|value| !value.is_empty()).ok_or_else(|| {
            let why =
                format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            ("InvalidArgument", why)
        })
    };
    let source = required(entry.source, "Source")?;
    let detail_type = required(entry.detail_type, "DetailType")?;
    let detail = required(entry.detail, "Detail")?;
    if source.starts_with("aws.") {
        let why = "Not authorized for the source.".to_owned();
        return Err(("NotAuthorizedForSourceException", why));
    }
    let malformed = || ("MalformedDetail", "Detail is malformed.".to_owned());
    let detail = RawValue::from_string(detail).map_err(|_| malformed())?;
    if !detail.get().trim_start().starts_with('{') {
        return Err(malformed());
    }
    let resources = entry.resources.unwrap_or_default();
    let telling = Telling { source, detail_type, resources, detail };
    let time = entry.time.unwrap_or(ctx.now);
    Ok(telling.at(ctx.rng().uuid(), ctx.account(), &ctx.region, time))
}
