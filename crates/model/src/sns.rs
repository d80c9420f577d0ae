//! SNS: topics, their subscriptions, what was published, and what is still to be delivered.

use std::collections::BTreeMap;

use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of SNS.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Topic>().with::<Subscription>().with::<Notification>().with::<Delivery>()
}

/// A topic. Its ARN, which names the region, is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Topic {
    pub arn: String,
    /// The attributes that were given; AWS's defaults are added when they are shown.
    pub attributes: BTreeMap<String, String>,
    pub tags: Tags,
}

impl Record for Topic {
    const TABLE: &'static str = "sns-topics";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

impl Topic {
    /// The beginning of the keys of the topics of a region.
    pub fn prefix(region: &str) -> String {
        format!("arn:aws:sns:{region}:")
    }

    /// The topic's name, the last part of its ARN.
    pub fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }

    /// The beginning of the keys of its subscriptions.
    pub fn subscriptions(&self) -> String {
        format!("{}:", self.arn)
    }
}

/// A subscription. Its ARN is its topic's and an id, and is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subscription {
    pub arn: String,
    pub topic_arn: String,
    pub protocol: String,
    pub endpoint: String,
    /// What ConfirmSubscription must bring; nothing once it did.
    pub pending: Option<String>,
    pub subscriber_arn: String,
    pub attributes: BTreeMap<String, String>,
    /// The token that has confirmed it.
    #[serde(default)]
    pub confirmed_by: Option<String>,
    /// Whether only a signed call takes it away again.
    #[serde(default)]
    pub signed_unsubscribe: bool,
    /// What became of the question whether its endpoint wants it.
    #[serde(default)]
    pub asked: String,
}

impl Record for Subscription {
    const TABLE: &'static str = "sns-subscriptions";

    fn key(&self) -> String {
        self.arn.clone()
    }
}

/// What was published to a topic, and what became of it for each subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// Orders them by time: its key.
    pub number: String,
    pub topic_arn: String,
    pub message_id: String,
    pub at: Timestamp,
    pub subject: Option<String>,
    pub message: String,
    /// Whether the message is JSON with a text for each protocol.
    pub is_by_protocol: bool,
    pub attributes: BTreeMap<String, MessageAttribute>,
    pub recipients: Vec<Recipient>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAttribute {
    pub data_type: String,
    /// Binary values in base64.
    pub value: String,
}

/// A subscription that a notification is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    pub subscription_arn: String,
    pub protocol: String,
    pub endpoint: String,
    pub state: RecipientState,
    /// What was said last of it.
    pub told: String,
    pub attempts: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecipientState {
    /// To be tried, or tried again.
    Waiting,
    Delivered,
    /// Given up.
    Failed,
    /// The subscription's filter policy leaves it out.
    FilteredOut,
    /// There is no way to bring it out of here: it can be read here.
    Kept,
}

impl RecipientState {
    pub fn name(self) -> &'static str {
        match self {
            RecipientState::Waiting => "waiting",
            RecipientState::Delivered => "delivered",
            RecipientState::Failed => "failed",
            RecipientState::FilteredOut => "filtered out",
            RecipientState::Kept => "kept",
        }
    }
}

impl Record for Notification {
    const TABLE: &'static str = "sns-notifications";

    fn key(&self) -> String {
        self.number.clone()
    }
}

impl Notification {
    /// The text for a protocol.
    pub fn text(&self, protocol: &str) -> String {
        if !self.is_by_protocol {
            return self.message.clone();
        }
        let texts: serde_json::Value = serde_json::from_str(&self.message).unwrap_or_default();
        let text = texts[protocol].as_str().or(texts["default"].as_str());
        text.unwrap_or(&self.message).to_owned()
    }

    /// Whether nothing more will become of it.
    pub fn is_over(&self) -> bool {
        self.recipients.iter().all(|recipient| recipient.state != RecipientState::Waiting)
    }
}

/// What is to be brought to the endpoint of a subscription; gone once it is there, or given up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    pub subscription_arn: String,
    pub what: Delivered,
    pub failures: u32,
    pub next_try_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Delivered {
    /// A notification, by its number.
    Notification(String),
    /// The question whether the endpoint wants to be subscribed.
    Confirmation,
}

impl Record for Delivery {
    const TABLE: &'static str = "sns-deliveries";

    fn key(&self) -> String {
        match &self.what {
            Delivered::Notification(number) => format!("{number}/{}", self.subscription_arn),
            Delivered::Confirmation => format!("confirmation/{}", self.subscription_arn),
        }
    }
}
