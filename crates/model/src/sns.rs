//! SNS: topics and their subscriptions.

use std::collections::BTreeMap;

use neargate_store::{Record, Tables};
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of SNS.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Topic>().with::<Subscription>()
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
}

impl Record for Subscription {
    const TABLE: &'static str = "sns-subscriptions";

    fn key(&self) -> String {
        self.arn.clone()
    }
}
