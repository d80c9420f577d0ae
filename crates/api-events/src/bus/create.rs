//! CreateEventBus.

use neargate_api::model::events::{DEFAULT_BUS, EventBus};
use neargate_api::types::events::{CreateEventBusRequest, CreateEventBusResponse, error};
use neargate_api::{AwsError, Ctx, Record, Stored};

use super::{check_dead_letters, given, new};
use crate::{invalid, limit_exceeded, tags};

/// Buses of a region.
const LIMIT: usize = 100;

pub async fn call(
    ctx: Ctx,
    input: CreateEventBusRequest,
) -> Result<CreateEventBusResponse, AwsError> {
    if let Some(source) = input.event_source_name {
        let message = format!("Event source {source} does not exist.");
        return Err(error::resource_not_found_exception(message));
    }
    if input.name.contains('/') {
        return Err(invalid("Event bus name must not contain '/'."));
    }
    if input.name.starts_with("aws.") {
        return Err(invalid("Event bus name must not start with 'aws.'."));
    }
    check_dead_letters(input.dead_letter_config.as_ref())?;
    let bus = EventBus {
        description: given(input.description),
        kms_key_id: given(input.kms_key_identifier),
        log_config: input.log_config.map(Stored),
        tags: tags::read(input.tags)?,
        ..new(&ctx, &input.name)
    };
    let region = ctx.region.clone();
    let made = ctx
        .write(move |tx| {
            if bus.name == DEFAULT_BUS || tx.contains::<EventBus>(&bus.key()) {
                let message = format!("Event bus {} already exists.", bus.name);
                return Err(error::resource_already_exists_exception(message));
            }
            if tx.scan::<EventBus>(&EventBus::key_of(&region, "")).count() >= LIMIT {
                return Err(limit_exceeded());
            }
            tx.put(bus.clone());
            Ok(bus)
        })
        .await?;
    Ok(CreateEventBusResponse {
        dead_letter_config: None,
        description: made.description,
        event_bus_arn: Some(made.arn),
        kms_key_identifier: made.kms_key_id,
        log_config: made.log_config.map(|config| config.0),
    })
}
