//! Event buses: what their operations share.

pub mod create;
pub mod delete;
pub mod describe;
pub mod list;
pub mod permission;
pub mod update;

use neargate_api::model::events::{DEFAULT_BUS, EventBus};
use neargate_api::types::events::{DeadLetterConfig, error};
use neargate_api::{AwsError, Ctx, Snapshot, Tags};

use crate::invalid;

/// The name within a bus's name or ARN.
pub fn name_in(reference: &Option<String>) -> &str {
    EventBus::name_in(reference.as_deref())
}

pub fn resource(ctx: &Ctx, name: &str) -> String {
    ctx.arn("events", format!("event-bus/{}", EventBus::name_in(Some(name))))
}

/// The bus of this name. The default one is there without having been made.
pub fn find(ctx: &Ctx, snapshot: &Snapshot, name: &str) -> Result<EventBus, AwsError> {
    if let Some(bus) = snapshot.get::<EventBus>(&EventBus::key_of(&ctx.region, name)) {
        return Ok(EventBus::clone(&bus));
    }
    match name {
        DEFAULT_BUS => Ok(new(ctx, DEFAULT_BUS)),
        name => {
            Err(error::resource_not_found_exception(format!("Event bus {name} does not exist.")))
        }
    }
}

fn new(ctx: &Ctx, name: &str) -> EventBus {
    EventBus {
        region: ctx.region.clone(),
        name: name.to_owned(),
        arn: resource(ctx, name),
        description: None,
        kms_key_id: None,
        log_config: None,
        policy: None,
        created_at: ctx.now,
        modified_at: ctx.now,
        tags: Tags::new(),
    }
}

/// Dead letters go to queues of SQS, which are not here.
pub fn check_dead_letters(config: Option<&DeadLetterConfig>) -> Result<(), AwsError> {
    match config.and_then(|config| config.arn.as_deref()) {
        None => Ok(()),
        Some(arn) => Err(invalid(format!(
            "Parameter DeadLetterConfig is not valid. Reason: Neargate has no SQS, and so no \
             queue {arn}. Events that cannot be delivered are told in its log."
        ))),
    }
}

/// What was given, where it is not empty.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
