//! Composite alarms: what their rules come to, and when their actions are held back.
//!
//! ```text
//!                           wait period over
//!   a change ─▶ WaitPeriod ───────────────────────────▶ the actions of the state that it is in now
//!                  │ the suppressor is in ALARM              ▲
//!                  ▼                                         │ extension period over
//!                Alarm ──────────────────────────▶ ExtensionPeriod
//!                  ▲    the suppressor is not any more       │
//!                  └─────────────────────────────────────────┘
//! ```
//!
//! [`settle`] goes by the states that there are, so that it does not matter what has changed, or
//! how often: the loop of `neargate-monitoring` calls it when an alarm is another record, and while
//! actions are held back, each second.
//!
//! Source: "Create a composite alarm" and "Alarm suppression" in the CloudWatch guide.

use std::collections::BTreeSet;

use neargate_api::model::cloudwatch::{Alarm, AlarmDefinition, AlarmState, Held, HeldBy};
use neargate_api::types::cloudwatch::CompositeAlarm;
use neargate_api::{Record, Snapshot, Timestamp, Tx};
use serde_json::json;

use super::evaluated::{self, Evaluated};
use super::message::Child;
use super::{UNCHECKED, act, history_time, name_of, rule};

/// Composites may stand on composites: so many rounds bring a change up.
const ROUNDS: usize = 32;

/// Brings all composite alarms to the states of their rules, and their held actions on.
pub fn settle(tx: &mut Tx, now: Timestamp) {
    for _ in 0..ROUNDS {
        let due = due(tx.view(), now);
        if due.is_empty() {
            return;
        }
        for (key, step) in due {
            let Some(alarm) = tx.get::<Alarm>(&key) else { continue };
            match step {
                Step::Tell(told) => evaluated::tell(tx, &alarm, told, now),
                Step::Hold(held) => {
                    tx.update::<Alarm>(&key, |alarm| alarm.held = Some(held));
                }
                Step::Release(from) => {
                    let released = tx.update::<Alarm>(&key, |alarm| alarm.held = None);
                    if let Some(released) = released.filter(|alarm| alarm.state != from) {
                        let before = Alarm { state: from, ..Alarm::clone(&alarm) };
                        act::queue(tx, &before, &released, now);
                    }
                }
            }
        }
    }
}

/// Whether [`settle`] has something to do.
pub fn is_unsettled(snapshot: &Snapshot, now: Timestamp) -> bool {
    !due(snapshot, now).is_empty()
}

/// Whether only time brings something on.
pub fn is_holding(snapshot: &Snapshot) -> bool {
    snapshot.all::<Alarm>().any(|alarm| alarm.held.is_some())
}

enum Step {
    Tell(Evaluated),
    Hold(Held),
    /// The actions, unless the alarm is in the state that it came from.
    Release(AlarmState),
}

fn due(snapshot: &Snapshot, now: Timestamp) -> Vec<(String, Step)> {
    let mut due = Vec::new();
    for alarm in snapshot.all::<Alarm>() {
        let AlarmDefinition::Composite(composite) = &alarm.definition else { continue };
        if is_in_cycle(snapshot, &alarm) {
            continue;
        }
        if let Some(told) = evaluated(snapshot, &alarm, composite) {
            due.push((alarm.key(), Step::Tell(told)));
        } else if let Some(step) = next(snapshot, &alarm, composite, now) {
            due.push((alarm.key(), step));
        }
    }
    due
}

/// What the rule comes to, where that is news.
fn evaluated(snapshot: &Snapshot, alarm: &Alarm, composite: &CompositeAlarm) -> Option<Evaluated> {
    let rule = rule::parse(composite.alarm_rule.as_deref().unwrap_or_default()).ok()?;
    let state_of = |name: &str| {
        let child = snapshot.get::<Alarm>(&Alarm::key_of(&alarm.region, name));
        child.map(|child| child.state)
    };
    let state = if rule.holds(&state_of) { AlarmState::Alarm } else { AlarmState::Ok };
    if !evaluated::is_news(alarm, state) {
        return None;
    }
    let children = triggering(snapshot, alarm);
    let reason = match (alarm.state_reason == UNCHECKED, children.first()) {
        (false, Some(child)) => {
            let at = child.at.format("%A %d %B, %Y %H:%M:%S UTC");
            format!("{} transitioned to {} at {at}", child.arn, child.state)
        }
        _ => {
            let value = state.name();
            format!("{} was created and its alarm rule evaluates to {value}", alarm.arn)
        }
    };
    let shown = |child: &Child| {
        let state = json!({ "value": child.state, "timestamp": history_time(child.at) });
        json!({ "arn": child.arn, "state": state })
    };
    let data = json!({ "triggeringAlarms": children.iter().map(shown).collect::<Vec<_>>() });
    Some(Evaluated { state, reason, reason_data: Some(data.to_string()) })
}

/// The alarms of a composite one's rule that have brought it about: those that changed last.
pub fn triggering(snapshot: &Snapshot, alarm: &Alarm) -> Vec<Child> {
    let children = children(snapshot, alarm);
    let last = children.iter().map(|child| child.at).max();
    children.into_iter().filter(|child| Some(child.at) == last).collect()
}

fn children(snapshot: &Snapshot, alarm: &Alarm) -> Vec<Child> {
    let children = named_by(alarm).into_iter().filter_map(|name| {
        let child = snapshot.get::<Alarm>(&Alarm::key_of(&alarm.region, &name))?;
        let (state, at) = (child.state.name(), child.state_transitioned_at);
        Some(Child { arn: child.arn.clone(), state, at })
    });
    children.collect()
}

fn named_by(alarm: &Alarm) -> BTreeSet<String> {
    match &alarm.definition {
        AlarmDefinition::Composite(composite) => {
            rule::alarms(composite.alarm_rule.as_deref().unwrap_or_default()).unwrap_or_default()
        }
        AlarmDefinition::Metric(_) => BTreeSet::new(),
    }
}

/// Whether the alarm's rule leads to itself: AWS evaluates no such alarm.
pub fn is_in_cycle(snapshot: &Snapshot, alarm: &Alarm) -> bool {
    let (mut seen, mut left) = (BTreeSet::new(), named_by(alarm));
    while let Some(name) = left.pop_first() {
        if name == alarm.name {
            return true;
        }
        if let Some(child) = snapshot.get::<Alarm>(&Alarm::key_of(&alarm.region, &name))
            && seen.insert(name)
        {
            left.extend(named_by(&child));
        }
    }
    false
}

/// Whether the actions of a change that comes now are held back, and by what.
pub fn held(snapshot: &Snapshot, old: &Alarm, new: &Alarm, now: Timestamp) -> Option<Held> {
    let AlarmDefinition::Composite(composite) = &new.definition else { return None };
    let is_suppressing = is_suppressing(snapshot, new, composite)?;
    if let Some(held) = &old.held {
        return Some(held.clone());
    }
    let by = match (is_suppressing, composite.actions_suppressor_wait_period) {
        (true, _) => HeldBy::Alarm,
        (false, Some(wait_s)) if wait_s > 0 => HeldBy::WaitPeriod,
        (false, _) => return None,
    };
    Some(Held { from: old.state, by, since: now })
}

/// Whether the suppressor is in ALARM; `None` where there is none.
fn is_suppressing(snapshot: &Snapshot, alarm: &Alarm, composite: &CompositeAlarm) -> Option<bool> {
    let suppressor = name_of(composite.actions_suppressor.as_deref()?);
    let suppressor = snapshot.get::<Alarm>(&Alarm::key_of(&alarm.region, suppressor));
    Some(suppressor.is_some_and(|suppressor| suppressor.state == AlarmState::Alarm))
}

/// What becomes of the actions that are held back.
fn next(
    snapshot: &Snapshot,
    alarm: &Alarm,
    composite: &CompositeAlarm,
    now: Timestamp,
) -> Option<Step> {
    let held = alarm.held.as_ref()?;
    let Some(is_suppressing) = is_suppressing(snapshot, alarm, composite) else {
        return Some(Step::Release(held.from));
    };
    let is_over = |period_s: Option<i32>| {
        now.millis_since(held.since) >= i64::from(period_s.unwrap_or_default()) * 1000
    };
    let by = |by| Some(Step::Hold(Held { from: held.from, by, since: now }));
    match held.by {
        HeldBy::Alarm if is_suppressing => None,
        HeldBy::Alarm => by(HeldBy::ExtensionPeriod),
        _ if is_suppressing => by(HeldBy::Alarm),
        HeldBy::WaitPeriod if is_over(composite.actions_suppressor_wait_period) => {
            Some(Step::Release(held.from))
        }
        HeldBy::ExtensionPeriod if is_over(composite.actions_suppressor_extension_period) => {
            Some(Step::Release(held.from))
        }
        HeldBy::WaitPeriod | HeldBy::ExtensionPeriod => None,
    }
}
