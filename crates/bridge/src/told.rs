//! What is told of facts: a function per kind of record, from what it was and
//! what it is to the events that AWS's service would send of that. They run in
//! the transaction that makes the change, on the default bus.

mod alarm;
mod deployment;
mod image;
mod service;
mod task;

use std::sync::Arc;

use neargate_api::model::cloudwatch::Alarm;
use neargate_api::model::ecr::Image;
use neargate_api::model::ecs::{Service, Task};
use neargate_api::model::events::DEFAULT_BUS;
use neargate_api::{Clock, Record, Rng, Snapshot, Timestamp};
use neargate_api_events::{has_rules, publish};
use neargate_rules::event::Telling;
use neargate_store::Tables;

/// In whose name, when and by which ids.
pub struct Teller {
    pub account: String,
    pub clock: Clock,
    pub rng: Rng,
}

/// A change, as what is told of it sees it.
pub struct Change<'a, R> {
    pub before: Option<&'a R>,
    pub after: Option<&'a R>,
    pub snapshot: &'a Snapshot,
    pub now: Timestamp,
}

type Tell<R> = fn(Change<'_, R>) -> Vec<Telling>;

/// The tables, with their facts told.
pub fn telling(tables: Tables, teller: Teller) -> Tables {
    let teller = Arc::new(teller);
    let tables = follow::<Task>(tables, &teller, |task| &task.region, task::told);
    let tables = follow::<Service>(
        tables,
        &teller,
        |service| &service.region,
        |change| {
            let mut told = deployment::told(&change);
            told.extend(service::told(&change));
            told
        },
    );
    let tables = follow::<Image>(tables, &teller, |image| &image.region, image::told);
    follow::<Alarm>(tables, &teller, |alarm| &alarm.region, alarm::told)
}

fn follow<R: Record>(
    tables: Tables,
    teller: &Arc<Teller>,
    region: fn(&R) -> &str,
    tell: Tell<R>,
) -> Tables {
    let teller = teller.clone();
    tables.followed_by::<R>(move |tx, before, after| {
        let Some(region) = after.or(before).map(region) else { return };
        if !has_rules(tx, region, DEFAULT_BUS) {
            return;
        }
        let now = teller.clock.now();
        let told = tell(Change { before, after, snapshot: tx.view(), now });
        for telling in told {
            let event = telling.at(teller.rng.uuid(), &teller.account, region, now);
            publish(tx, DEFAULT_BUS, &event, now);
        }
    })
}
