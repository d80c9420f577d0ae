//! Amazon EventBridge: a folder per resource, a file per operation; and
//! `publish`, by which every event comes onto a bus, whoever tells it.
//!
//! ```text
//! PutEvents ─────────┐
//! facts of services ─┴▶ publish ─▶ a Delivery per matching rule and target ─▶ the bridge loop
//! ```

mod bus;
mod event;
mod inert;
mod pages;
mod publish;
mod role;
mod rule;
mod tags;
mod target;

use neargate_api::types::events;
use neargate_api::{AwsError, Service};

pub use publish::{hand_over, has_rules, publish};
pub use target::{Kind, input_of};

/// The principal that events are delivered as.
pub const PRINCIPAL: &str = "events.amazonaws.com";

/// The service with all its operations.
pub fn service() -> Service {
    let service = Service::new(&events::SERVICE).inert(inert::inert);
    tagging(buses(targets(rules(service))))
}

fn rules(service: Service) -> Service {
    service
        .op_on::<events::PutRule, _>(
            |c, i| rule::resource(c, &i.event_bus_name, &i.name),
            rule::put::call,
        )
        .op_on::<events::DescribeRule, _>(
            |c, i| rule::resource(c, &i.event_bus_name, &i.name),
            rule::describe::call,
        )
        .op::<events::ListRules, _>(rule::list::call)
        .op_on::<events::DeleteRule, _>(
            |c, i| rule::resource(c, &i.event_bus_name, &i.name),
            rule::delete::call,
        )
        .op_on::<events::EnableRule, _>(
            |c, i| rule::resource(c, &i.event_bus_name, &i.name),
            rule::state::enable,
        )
        .op_on::<events::DisableRule, _>(
            |c, i| rule::resource(c, &i.event_bus_name, &i.name),
            rule::state::disable,
        )
        .op::<events::TestEventPattern, _>(event::test::call)
}

fn targets(service: Service) -> Service {
    service
        .op_on::<events::PutTargets, _>(
            |c, i| rule::resource(c, &i.event_bus_name, &i.rule),
            target::put::call,
        )
        .op_on::<events::RemoveTargets, _>(
            |c, i| rule::resource(c, &i.event_bus_name, &i.rule),
            target::remove::call,
        )
        .op_on::<events::ListTargetsByRule, _>(
            |c, i| rule::resource(c, &i.event_bus_name, &i.rule),
            target::list::call,
        )
        .op::<events::ListRuleNamesByTarget, _>(rule::by_target::call)
}

fn buses(service: Service) -> Service {
    service
        // It may name several buses, each with a permission of its own.
        .op_open::<events::PutEvents, _>(event::put::call)
        .op_on::<events::CreateEventBus, _>(|c, i| bus::resource(c, &i.name), bus::create::call)
        .op_on::<events::DescribeEventBus, _>(
            |c, i| bus::resource(c, bus::name_in(&i.name)),
            bus::describe::call,
        )
        .op::<events::ListEventBuses, _>(bus::list::call)
        .op_on::<events::UpdateEventBus, _>(
            |c, i| bus::resource(c, bus::name_in(&i.name)),
            bus::update::call,
        )
        .op_on::<events::DeleteEventBus, _>(|c, i| bus::resource(c, &i.name), bus::delete::call)
        .op_on::<events::PutPermission, _>(
            |c, i| bus::resource(c, bus::name_in(&i.event_bus_name)),
            bus::permission::put,
        )
        .op_on::<events::RemovePermission, _>(
            |c, i| bus::resource(c, bus::name_in(&i.event_bus_name)),
            bus::permission::remove,
        )
}

fn tagging(service: Service) -> Service {
    service
        .op_on::<events::TagResource, _>(|_, i| i.resource_arn.clone(), tags::tag)
        .op_on::<events::UntagResource, _>(|_, i| i.resource_arn.clone(), tags::untag)
        .op_on::<events::ListTagsForResource, _>(|_, i| i.resource_arn.clone(), tags::list)
}

/// The error that EventBridge's model does not list, and AWS has for what it refuses.
fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "ValidationException", message)
}

/// AWS's one message for every limit.
fn limit_exceeded() -> AwsError {
    events::error::limit_exceeded_exception(
        "The requested resource exceeds the maximum number allowed.",
    )
}

#[cfg(test)]
mod tests;
