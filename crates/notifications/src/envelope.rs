//! What an endpoint is sent: the JSON of a notification or of the question to confirm, and what of
//! it is signed. Pure.
//!
//! Source: "Parsing Amazon SNS message formats" and "Verifying the signatures of Amazon SNS
//! messages" in the developer guide.

use neargate_api::model::sns::{MessageAttribute, Notification, Subscription};
use serde_json::{Map, Value, json};

use crate::signer::Signed;

/// A message, before it is signed.
pub struct Envelope {
    /// `Notification` or `SubscriptionConfirmation`
    pub kind: &'static str,
    pub message_id: String,
    pub topic_arn: String,
    pub subject: Option<String>,
    pub message: String,
    /// `2026-01-02T03:04:05.678Z`
    pub timestamp: String,
    /// Of a question: the token, and the URL that brings it.
    pub token: Option<(String, String)>,
    /// Of a notification: the URL that takes the subscription away.
    pub unsubscribe_url: Option<String>,
    pub attributes: Vec<(String, MessageAttribute)>,
}

impl Envelope {
    pub fn of(notification: &Notification, subscription: &Subscription, own_url: &str) -> Self {
        let attributes = notification.attributes.iter();
        Envelope {
            kind: "Notification",
            message_id: notification.message_id.clone(),
            topic_arn: notification.topic_arn.clone(),
            subject: notification.subject.clone(),
            message: notification.text(&subscription.protocol),
            timestamp: notification.at.iso8601(),
            token: None,
            unsubscribe_url: Some(unsubscribe_url(own_url, subscription)),
            attributes: attributes.map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }

    /// The question whether the endpoint wants to be subscribed.
    pub fn question(
        subscription: &Subscription,
        token: &str,
        message_id: String,
        timestamp: String,
        own_url: &str,
    ) -> Self {
        let topic = &subscription.topic_arn;
        Envelope {
            kind: "SubscriptionConfirmation",
            message_id,
            topic_arn: topic.clone(),
            subject: None,
            message: format!(
                "You have chosen to subscribe to the topic {topic}.\n\
                 To confirm the subscription, visit the SubscribeURL included in this message."
            ),
            timestamp,
            token: Some((token.to_owned(), subscribe_url(own_url, topic, token))),
            unsubscribe_url: None,
            attributes: Vec::new(),
        }
    }

    /// What is signed: names and values on lines of their own, in the order of the names.
    pub fn string_to_sign(&self) -> String {
        let token = self.token.as_ref();
        let members = [
            ("Message", Some(&self.message)),
            ("MessageId", Some(&self.message_id)),
            ("Subject", self.subject.as_ref()),
            ("SubscribeURL", token.map(|(_, url)| url)),
            ("Timestamp", Some(&self.timestamp)),
            ("Token", token.map(|(token, _)| token)),
            ("TopicArn", Some(&self.topic_arn)),
        ];
        let mut text = String::new();
        for (name, value) in members {
            if let Some(value) = value {
                text.push_str(&format!("{name}\n{value}\n"));
            }
        }
        text.push_str(&format!("Type\n{}\n", self.kind));
        text
    }

    /// The JSON, laid out and ordered as AWS's is.
    pub fn json(&self, signed: &Signed) -> String {
        let text = |value: &str| Value::from(value);
        let mut members: Vec<(&str, Value)> =
            vec![("Type", text(self.kind)), ("MessageId", text(&self.message_id))];
        if let Some((token, _)) = &self.token {
            members.push(("Token", text(token)));
        }
        members.push(("TopicArn", text(&self.topic_arn)));
        if let Some(subject) = &self.subject {
            members.push(("Subject", text(subject)));
        }
        members.push(("Message", text(&self.message)));
        if let Some((_, url)) = &self.token {
            members.push(("SubscribeURL", text(url)));
        }
        members.push(("Timestamp", text(&self.timestamp)));
        members.push(("SignatureVersion", text(signed.version)));
        members.push(("Signature", text(&signed.signature)));
        members.push(("SigningCertURL", text(&signed.certificate_url)));
        if let Some(url) = &self.unsubscribe_url {
            members.push(("UnsubscribeURL", text(url)));
        }
        if !self.attributes.is_empty() {
            members.push(("MessageAttributes", self.message_attributes()));
        }
        let lines = members.iter().map(|(name, value)| format!("  \"{name}\" : {value}"));
        format!("{{\n{}\n}}", lines.collect::<Vec<_>>().join(",\n"))
    }

    fn message_attributes(&self) -> Value {
        let shown = |attribute: &MessageAttribute| json!({ "Type": attribute.data_type, "Value": attribute.value });
        let all = self.attributes.iter();
        Value::Object(all.map(|(name, one)| (name.clone(), shown(one))).collect::<Map<_, _>>())
    }
}

pub fn subscribe_url(own_url: &str, topic_arn: &str, token: &str) -> String {
    format!("{own_url}/?Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}")
}

pub fn unsubscribe_url(own_url: &str, subscription: &Subscription) -> String {
    format!("{own_url}/?Action=Unsubscribe&SubscriptionArn={}", subscription.arn)
}
