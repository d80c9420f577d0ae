//! The actions of an alarm: written down in the transaction that changes its state, so that none is
//! lost and none is done of a change that was not kept. `neargate-notifications` does them, and
//! tells with [`acted`] how it went.
//!
//! Actions that name a scaling policy are not among them: the scaling loop reads the alarm's state
//! by itself, as it goes by the state and not by its change.

use neargate_api::model::cloudwatch::{Alarm, AlarmAction, AlarmDefinition, AlarmState};
use neargate_api::{Record, Timestamp, Tx};
use serde_json::{Value, json};

use super::message::{self, Child};
use super::{composite, history};

/// Writes down what the alarm's new state asks for.
pub fn queue(tx: &mut Tx, old: &Alarm, new: &Alarm, now: Timestamp) {
    if !is_enabled(new) {
        return;
    }
    let actions: Vec<String> =
        actions(new, new.state).iter().filter(|action| !is_scaling(action)).cloned().collect();
    if actions.is_empty() {
        return;
    }
    let children: Vec<Child> = composite::triggering(tx, new);
    let (subject, message) = (message::subject(new), message::message(old, new, &children));
    for action in actions {
        let number = tx.scan::<AlarmAction>(&AlarmAction::prefix(now)).next_back();
        tx.put(AlarmAction {
            region: new.region.clone(),
            alarm: new.name.clone(),
            alarm_arn: new.arn.clone(),
            at: now,
            number: number.map_or(0, |last| last.number + 1),
            action,
            subject: subject.clone(),
            message: message.clone(),
            failures: 0,
            next_try_at: now,
        });
    }
}

/// The alarm's actions for a state.
pub fn actions(alarm: &Alarm, state: AlarmState) -> &[String] {
    let (on_alarm, on_ok, on_insufficient) = match &alarm.definition {
        AlarmDefinition::Metric(metric) => {
            (&metric.alarm_actions, &metric.ok_actions, &metric.insufficient_data_actions)
        }
        AlarmDefinition::Composite(composite) => {
            (&composite.alarm_actions, &composite.ok_actions, &composite.insufficient_data_actions)
        }
    };
    let actions = match state {
        AlarmState::Alarm => on_alarm,
        AlarmState::Ok => on_ok,
        AlarmState::InsufficientData => on_insufficient,
    };
    actions.as_deref().unwrap_or_default()
}

pub fn is_enabled(alarm: &Alarm) -> bool {
    let enabled = match &alarm.definition {
        AlarmDefinition::Metric(metric) => metric.actions_enabled,
        AlarmDefinition::Composite(composite) => composite.actions_enabled,
    };
    enabled != Some(false)
}

/// Whether the action is a scaling policy.
pub fn is_scaling(action: &str) -> bool {
    action.starts_with("arn:aws:autoscaling:")
}

/// The action is done, or given up for this reason.
pub fn acted(tx: &mut Tx, action: &AlarmAction, outcome: Result<(), String>, now: Timestamp) {
    if tx.delete::<AlarmAction>(&action.key()).is_none() {
        return;
    }
    let Some(alarm) = tx.get::<Alarm>(&Alarm::key_of(&action.region, &action.alarm)) else {
        return;
    };
    let arn = &action.action;
    let summary = match &outcome {
        Ok(()) => format!("Successfully executed action {arn}"),
        Err(why) => format!("Failed to execute action {arn}. Received error: \"{why}\""),
    };
    let published = json!({ "default": action.message });
    let data = json!({
        "actionState": if outcome.is_ok() { "Succeeded" } else { "Failed" },
        "stateUpdateTimestamp": action.at.millis(),
        "notificationResource": arn,
        "publishedMessage": published.to_string(),
        "error": outcome.err().map_or(Value::Null, Value::String),
    });
    history::acted(tx, &alarm, summary, data, now);
}
