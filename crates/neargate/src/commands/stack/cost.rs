//! `neargate plan --cost`: what the plan changes of the cost of a month on AWS.

use std::collections::BTreeMap;

use neargate_cost::{Change, PRICES, Resource, change};
use neargate_hcl::{Kind, Value, json};
use neargate_stack::address::{Mode, ResourceInstance};
use neargate_stack::plan::{Action, Plan};
use neargate_stack::run::Stack;
use serde_json::{Map, Value as Json};

use super::look;

/// The resources of a stack by their addresses.
type Resources = BTreeMap<ResourceInstance, Resource>;

/// What it changes, and whose prices were taken if not those of the stack's region.
pub struct Priced {
    pub change: Change,
    pub note: Option<String>,
}

/// What a plan changes of the cost.
pub fn of_plan(stack: &Stack, plan: &Plan) -> Priced {
    let region = look::region(stack).or_else(|| std::env::var("AWS_REGION").ok());
    let region = region.unwrap_or_else(|| look::REGION.to_owned());
    let (taken, note) = priced_region(region);
    let before = there(plan);
    let after = wanted(before.clone(), plan);
    let list = |all: Resources| all.into_values().collect::<Vec<Resource>>();
    let change = change(&list(before), &list(after), &taken);
    Priced { change: change.expect("the region is one that has prices"), note }
}

/// A region with prices, and what to say where it is another one.
fn priced_region(region: String) -> (String, Option<String>) {
    if PRICES.regions.contains(&region) {
        return (region, None);
    }
    let taken = PRICES.regions.last().cloned().unwrap_or_default();
    let note = format!("The price table has no prices of {region}: those of {taken} were taken.");
    (taken, Some(note))
}

/// What a plan would make of nothing.
pub fn of_nothing(plan: &Plan) -> Vec<Resource> {
    wanted(Resources::new(), plan).into_values().collect()
}

/// What is there, as the plan has found it.
fn there(plan: &Plan) -> Resources {
    let all = plan.state.instances().filter(|(at, _, instance)| {
        at.resource.mode == Mode::Managed && instance.deposed.is_empty()
    });
    let values = |text: Option<&str>| match text.map(serde_json::from_str) {
        Some(Ok(Json::Object(values))) => values,
        _ => Map::new(),
    };
    all.map(|(at, _, instance)| {
        let values = values(instance.attributes.as_ref().map(|raw| raw.get()));
        (at.clone(), resource(&at, values))
    })
    .collect()
}

/// What will be there after the plan.
fn wanted(mut all: Resources, plan: &Plan) -> Resources {
    for change in &plan.changes {
        if change.address.resource.mode == Mode::Data || change.deposed.is_some() {
            continue;
        }
        if let Some(previous) = &change.previous {
            all.remove(previous);
        }
        match (&change.after, change.action) {
            (_, Action::Delete | Action::Forget) | (None, _) => all.remove(&change.address),
            (Some(after), _) => {
                let values = match known(after) {
                    Some(Json::Object(values)) => values,
                    _ => Map::new(),
                };
                all.insert(change.address.clone(), resource(&change.address, values))
            }
        };
    }
    all
}

fn resource(at: &ResourceInstance, values: Map<String, Json>) -> Resource {
    Resource { address: at.to_string(), kind: at.resource.of_type.clone(), values }
}

/// What is known of a value: unknown attributes are left out, unknown elements are null.
fn known(value: &Value) -> Option<Json> {
    match value.kind() {
        Kind::Unknown(_) => None,
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => {
            Some(elements.iter().map(|element| known(element).unwrap_or(Json::Null)).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let known =
                entries.iter().filter_map(|(name, value)| Some((name.clone(), known(value)?)));
            Some(Json::Object(known.collect()))
        }
        _ => json::to_json(value),
    }
}
