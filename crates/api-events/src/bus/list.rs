//! ListEventBuses: the default one is always among them.

use std::collections::BTreeMap;

use neargate_api::model::events::{DEFAULT_BUS, EventBus};
use neargate_api::types::events::{self, ListEventBusesRequest, ListEventBusesResponse};
use neargate_api::{AwsError, Ctx};

use super::find;
use crate::pages;

pub async fn call(
    ctx: Ctx,
    input: ListEventBusesRequest,
) -> Result<ListEventBusesResponse, AwsError> {
    let snapshot = ctx.snapshot();
    let stored = snapshot.scan::<EventBus>(&EventBus::key_of(&ctx.region, ""));
    let mut buses: BTreeMap<String, EventBus> =
        stored.map(|bus| (bus.name.clone(), EventBus::clone(&bus))).collect();
    buses.insert(DEFAULT_BUS.into(), find(&ctx, &snapshot, DEFAULT_BUS)?);
    let prefix = input.name_prefix.unwrap_or_default();
    let wanted = buses.into_values().filter(|bus| bus.name.starts_with(&prefix));
    let page = pages::of(wanted, |bus| bus.name.clone(), input.next_token.as_deref(), input.limit)?;
    Ok(ListEventBusesResponse {
        event_buses: Some(page.items.into_iter().map(shown).collect()),
        next_token: page.next_token,
    })
}

fn shown(bus: EventBus) -> events::EventBus {
    events::EventBus {
        arn: Some(bus.arn),
        creation_time: Some(bus.created_at),
        description: bus.description,
        last_modified_time: Some(bus.modified_at),
        managed_by: None,
        name: Some(bus.name),
        policy: bus.policy,
    }
}
