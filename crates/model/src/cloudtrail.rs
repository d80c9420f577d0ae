//! CloudTrail: trails, and how far each has been delivered. The events
//! themselves are not in the store but in `neargate-eventlog`.

use neargate_api_types::cloudtrail::{AdvancedEventSelector, EventSelector, InsightSelector};
use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of CloudTrail.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Trail>().with::<Delivery>()
}

/// A trail, in its home region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trail {
    pub region: String,
    pub name: String,
    pub arn: String,
    pub bucket: String,
    pub key_prefix: Option<String>,
    /// As it was given: a name or an ARN.
    pub sns_topic_name: Option<String>,
    pub sns_topic_arn: Option<String>,
    pub include_global_service_events: bool,
    pub multi_region: bool,
    pub log_file_validation: bool,
    pub log_group_arn: Option<String>,
    pub log_role_arn: Option<String>,
    pub kms_key_id: Option<String>,
    pub logging: bool,
    pub started_at: Option<Timestamp>,
    pub stopped_at: Option<Timestamp>,
    pub selectors: Selectors,
    pub insight_selectors: Vec<Stored<InsightSelector>>,
    pub tags: Tags,
}

/// Which events a trail delivers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Selectors {
    /// None were put: all management events.
    Default,
    Basic(Vec<Stored<EventSelector>>),
    Advanced(Vec<Stored<AdvancedEventSelector>>),
}

impl Trail {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }
}

impl Record for Trail {
    const TABLE: &'static str = "cloudtrail-trails";

    fn key(&self) -> String {
        Trail::key_of(&self.region, &self.name)
    }
}

/// A place in the log of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub segment: u64,
    pub offset: u64,
}

/// How far a trail has come: a fact of whoever delivers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The trail's key.
    pub trail: String,
    /// Where what is not delivered yet begins.
    pub from: Place,
    /// Where logging was stopped.
    pub until: Option<Place>,
    pub attempted_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    /// S3's code of the last failure: `NoSuchBucket`, `AccessDenied`.
    pub error: Option<String>,
    pub logs_delivered_at: Option<Timestamp>,
    pub logs_error: Option<String>,
}

impl Delivery {
    /// The deliveries of a trail whose logging begins at `from`.
    pub fn beginning(trail: String, from: Place) -> Self {
        Delivery {
            trail,
            from,
            until: None,
            attempted_at: None,
            delivered_at: None,
            error: None,
            logs_delivered_at: None,
            logs_error: None,
        }
    }
}

impl Record for Delivery {
    const TABLE: &'static str = "cloudtrail-deliveries";

    fn key(&self) -> String {
        self.trail.clone()
    }
}
