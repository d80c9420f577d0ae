//! From what was published to a delivery for each subscription that it is for: within the
//! transaction that publishes. `neargate-notifications` delivers them.

use neargate_api::model::sns::{
    Delivered, Delivery, Notification, Recipient, RecipientState, Subscription, Topic,
};
use neargate_api::{Record, Timestamp, Tx};
use neargate_rules::Pattern;
use serde_json::Value;

use crate::message_attributes::{MessageAttributes, filtered};

/// Notifications that are kept, to be looked at.
const KEPT: usize = 500;

/// What is published.
pub struct Published {
    pub message_id: String,
    pub subject: Option<String>,
    pub message: String,
    pub is_by_protocol: bool,
    pub attributes: MessageAttributes,
}

/// Keeps it, with what is to be delivered.
pub fn fan_out(tx: &mut Tx, topic: &Topic, published: Published, now: Timestamp) {
    let mut notification = Notification {
        number: number(tx, now),
        topic_arn: topic.arn.clone(),
        message_id: published.message_id,
        at: now,
        subject: published.subject,
        message: published.message,
        is_by_protocol: published.is_by_protocol,
        attributes: published.attributes,
        recipients: Vec::new(),
    };
    let subscriptions: Vec<_> = tx
        .scan::<Subscription>(&topic.subscriptions())
        .filter(|subscription| subscription.pending.is_none())
        .collect();
    for subscription in subscriptions {
        let recipient = recipient(&subscription, &notification);
        if recipient.state == RecipientState::Waiting {
            tx.put(Delivery {
                subscription_arn: subscription.arn.clone(),
                what: Delivered::Notification(notification.number.clone()),
                failures: 0,
                next_try_at: now,
            });
        }
        notification.recipients.push(recipient);
    }
    tx.put(notification);
    drop_oldest(tx);
}

/// Greater than that of every earlier one.
fn number(tx: &Tx, now: Timestamp) -> String {
    let instant = format!("{:016}-", now.millis());
    let last = tx.scan::<Notification>(&instant).next_back();
    let last = last.and_then(|last| last.number.rsplit('-').next()?.parse::<u32>().ok());
    format!("{instant}{:06}", last.map_or(0, |last| last + 1))
}

fn recipient(subscription: &Subscription, notification: &Notification) -> Recipient {
    let (state, told) = match subscription.protocol.as_str() {
        _ if !is_wanted(subscription, notification) => {
            (RecipientState::FilteredOut, "its FilterPolicy does not match".to_owned())
        }
        "sms" => (RecipientState::Kept, "Neargate sends no text messages".to_owned()),
        _ => (RecipientState::Waiting, String::new()),
    };
    Recipient {
        subscription_arn: subscription.arn.clone(),
        protocol: subscription.protocol.clone(),
        endpoint: subscription.endpoint.clone(),
        state,
        told,
        attempts: 0,
    }
}

/// Whether the subscription's filter policy lets it through.
fn is_wanted(subscription: &Subscription, notification: &Notification) -> bool {
    let Some(policy) = subscription.attributes.get("FilterPolicy") else { return true };
    if policy.trim() == "{}" {
        return true;
    }
    let Ok(pattern) = Pattern::parse(policy) else { return false };
    let scope = subscription.attributes.get("FilterPolicyScope").map(String::as_str);
    let seen = match scope {
        Some("MessageBody") => {
            let text = notification.text(&subscription.protocol);
            match serde_json::from_str::<Value>(&text) {
                Ok(body) => body,
                Err(_) => return false,
            }
        }
        _ => filtered(&notification.attributes),
    };
    pattern.matches(&seen)
}

/// Drops the oldest that are over, so that there are no more than [`KEPT`] of these.
fn drop_oldest(tx: &mut Tx) {
    let surplus = tx.count::<Notification>().saturating_sub(KEPT);
    let oldest = tx.all::<Notification>().take(surplus);
    let over: Vec<String> = oldest.filter(|old| old.is_over()).map(|old| old.key()).collect();
    for key in over {
        tx.delete::<Notification>(&key);
    }
}
