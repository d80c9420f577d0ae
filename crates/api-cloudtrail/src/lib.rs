//! CloudTrail: a folder per resource, a file per operation; and `write`, which
//! turns the calls that the kernel lets it hear into CloudTrail's records.
//!
//! ```text
//! every call ─▶ write ─▶ neargate-eventlog ─┬▶ LookupEvents
//!                                           └▶ the trails loop ─▶ S3, CloudWatch Logs
//! ```
//!
//! The event history needs no trail. A trail's files are delivered by the
//! `trails` loop, which asks `wanted` here which events a trail takes.

mod destination;
mod event;
mod inert;
mod insight;
mod selector;
mod tags;
mod trail;
mod write;

use neargate_api::Service;
use neargate_api::types::cloudtrail;
use neargate_eventlog::EventLog;

pub use destination::group_of;
pub use selector::wanted;
pub use trail::object_prefix;
pub use write::{Recorder, RestCall};

/// The principal that trails deliver as.
pub const PRINCIPAL: &str = "cloudtrail.amazonaws.com";

/// The service with all its operations, over this log.
pub fn service(log: EventLog) -> Service {
    let service = Service::new(&cloudtrail::SERVICE).inert(inert::inert);
    tagging(events(trails(service, &log), log))
}

fn trails(service: Service, log: &EventLog) -> Service {
    let (for_create, for_start, for_stop) = (log.clone(), log.clone(), log.clone());
    service
        .op_on::<cloudtrail::CreateTrail, _>(
            |c, i| trail::resource(c, &i.name),
            move |ctx, input| trail::create::call(ctx, for_create.clone(), input),
        )
        .op_on::<cloudtrail::DeleteTrail, _>(
            |c, i| trail::resource(c, &i.name),
            trail::delete::call,
        )
        .op_on::<cloudtrail::GetTrail, _>(|c, i| trail::resource(c, &i.name), trail::get::call)
        .op::<cloudtrail::DescribeTrails, _>(trail::describe::call)
        .op::<cloudtrail::ListTrails, _>(trail::list::call)
        .op_on::<cloudtrail::UpdateTrail, _>(
            |c, i| trail::resource(c, &i.name),
            trail::update::call,
        )
        .op_on::<cloudtrail::GetTrailStatus, _>(
            |c, i| trail::resource(c, &i.name),
            trail::status::call,
        )
        .op_on::<cloudtrail::StartLogging, _>(
            |c, i| trail::resource(c, &i.name),
            move |ctx, input| trail::logging::start(ctx, for_start.clone(), input),
        )
        .op_on::<cloudtrail::StopLogging, _>(
            |c, i| trail::resource(c, &i.name),
            move |ctx, input| trail::logging::stop(ctx, for_stop.clone(), input),
        )
}

fn events(service: Service, log: EventLog) -> Service {
    service
        .op_on::<cloudtrail::GetEventSelectors, _>(
            |c, i| trail::resource(c, &i.trail_name),
            selector::get,
        )
        .op_on::<cloudtrail::PutEventSelectors, _>(
            |c, i| trail::resource(c, &i.trail_name),
            selector::put,
        )
        .op_on::<cloudtrail::GetInsightSelectors, _>(
            |c, i| trail::resource(c, i.trail_name.as_deref().unwrap_or_default()),
            insight::get,
        )
        .op_on::<cloudtrail::PutInsightSelectors, _>(
            |c, i| trail::resource(c, i.trail_name.as_deref().unwrap_or_default()),
            insight::put,
        )
        .op::<cloudtrail::LookupEvents, _>(move |ctx, input| {
            event::lookup::call(ctx, log.clone(), input)
        })
}

fn tagging(service: Service) -> Service {
    service
        .op_on::<cloudtrail::AddTags, _>(|_, i| i.resource_id.clone(), tags::add)
        .op_on::<cloudtrail::RemoveTags, _>(|_, i| i.resource_id.clone(), tags::remove)
        .op::<cloudtrail::ListTags, _>(tags::list)
}

#[cfg(test)]
mod tests;
