//! Rules: what their operations share.

pub mod by_target;
pub mod delete;
pub mod describe;
pub mod list;
pub mod put;
pub mod state;

use std::sync::Arc;

use neargate_api::model::events::{EventBus, Rule};
use neargate_api::types::events::error;
use neargate_api::{AwsError, Ctx, Snapshot};

use crate::bus;

pub fn resource(ctx: &Ctx, bus: &Option<String>, name: &str) -> String {
    ctx.arn("events", Rule::resource(EventBus::name_in(bus.as_deref()), name))
}

/// The rule of a bus, both of which have to be there.
pub fn find(ctx: &Ctx, snapshot: &Snapshot, bus: &str, name: &str) -> Result<Arc<Rule>, AwsError> {
    bus::find(ctx, snapshot, bus)?;
    snapshot.get::<Rule>(&Rule::key_of(&ctx.region, bus, name)).ok_or_else(|| {
        error::resource_not_found_exception(format!(
            "Rule {name} does not exist on EventBus {bus}."
        ))
    })
}
