//! How an event comes onto a bus: in the transaction that tells it, a delivery
//! is written for each target of each rule that it matches. Where no rule
//! matches, nothing is written.

use neargate_api::model::events::{Delivery, Rule};
use neargate_api::{Record, Snapshot, Timestamp, Tx};
use neargate_rules::{Event, Pattern};
use serde_json::Value;

/// Whether any rule of the bus would look at an event: else there is none to be made.
pub fn has_rules(snapshot: &Snapshot, region: &str, bus: &str) -> bool {
    snapshot
        .scan::<Rule>(&Rule::prefix(region, bus))
        .any(|rule| rule.is_enabled() && rule.pattern.is_some() && !rule.targets.is_empty())
}

/// Puts an event onto a bus.
pub fn publish(tx: &mut Tx, bus: &str, event: &Event, now: Timestamp) {
    let text = event.text();
    let Ok(json) = serde_json::from_str::<Value>(&text) else { return };
    let rules = tx.scan::<Rule>(&Rule::prefix(&event.region, bus));
    let matching: Vec<_> = rules.filter(|rule| rule.is_enabled() && selects(rule, &json)).collect();
    for rule in matching {
        hand_over(tx, &rule, &event.id, &text, now);
    }
}

/// Writes a delivery of an event for each target of a rule.
pub fn hand_over(tx: &mut Tx, rule: &Rule, event_id: &str, event: &str, now: Timestamp) {
    let version = tx.version();
    let written = tx.scan::<Delivery>(&Delivery::numbers_of(version)).count();
    for (place, target) in (written..).zip(&rule.targets) {
        tx.put(Delivery {
            number: Delivery::number(version, place),
            rule: rule.key(),
            target: target.id.clone(),
            event_id: event_id.to_owned(),
            event: event.to_owned(),
            received_at: now,
            failures: 0,
            next_try_at: now,
        });
    }
}

fn selects(rule: &Rule, event: &Value) -> bool {
    // What is stored was parsed before.
    let pattern = rule.pattern.as_deref().and_then(|text| Pattern::parse(text).ok());
    pattern.is_some_and(|pattern| pattern.matches(event))
}
