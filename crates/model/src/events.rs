//! EventBridge: event buses, rules with their targets, and the deliveries that
//! are due.
//!
//! ```text
//! EventBus ─── Rule ─── targets
//!                │ an event matches, in the transaction that tells it
//!                ▼
//!            Delivery ─── gone once its target has it
//! ```

use neargate_api_types::events;
use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of EventBridge.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<EventBus>().with::<Rule>().with::<Delivery>()
}

/// The bus that every region has, and that AWS's services tell their events to.
pub const DEFAULT_BUS: &str = "default";

/// An event bus. The default one has a record once something was set for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventBus {
    pub region: String,
    pub name: String,
    pub arn: String,
    pub description: Option<String>,
    pub kms_key_id: Option<String>,
    pub log_config: Option<Stored<events::LogConfig>>,
    /// The resource policy: JSON.
    pub policy: Option<String>,
    pub created_at: Timestamp,
    pub modified_at: Timestamp,
    pub tags: Tags,
}

impl Record for EventBus {
    const TABLE: &'static str = "events-buses";

    fn key(&self) -> String {
        EventBus::key_of(&self.region, &self.name)
    }
}

impl EventBus {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }

    /// The name within a bus's name or ARN; nothing stands for the default one.
    pub fn name_in(reference: Option<&str>) -> &str {
        match reference {
            None | Some("") => DEFAULT_BUS,
            Some(text) => text.rsplit('/').next().unwrap_or(text),
        }
    }
}

/// A rule of a bus.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    pub region: String,
    pub bus: String,
    pub name: String,
    pub arn: String,
    pub description: Option<String>,
    /// JSON, as it was given.
    pub pattern: Option<String>,
    pub schedule: Option<String>,
    /// `ENABLED`, `DISABLED`, or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    pub state: String,
    pub role_arn: Option<String>,
    pub targets: Vec<Stored<events::Target>>,
    /// What its schedule's next time is counted from: the last one, or when it was set.
    pub scheduled_from: Timestamp,
    pub tags: Tags,
}

impl Record for Rule {
    const TABLE: &'static str = "events-rules";

    fn key(&self) -> String {
        Rule::key_of(&self.region, &self.bus, &self.name)
    }
}

impl Rule {
    pub fn key_of(region: &str, bus: &str, name: &str) -> String {
        format!("{region}/{bus}/{name}")
    }

    /// The beginning of the keys of a bus's rules.
    pub fn prefix(region: &str, bus: &str) -> String {
        Rule::key_of(region, bus, "")
    }

    /// The resource of its ARN: the default bus is not named.
    pub fn resource(bus: &str, name: &str) -> String {
        match bus {
            DEFAULT_BUS => format!("rule/{name}"),
            bus => format!("rule/{bus}/{name}"),
        }
    }

    pub fn is_enabled(&self) -> bool {
        self.state != "DISABLED"
    }

    /// The target of this id.
    pub fn target(&self, id: &str) -> Option<&events::Target> {
        self.targets.iter().map(|target| &target.0).find(|target| target.id == id)
    }
}

/// An event that a target is to be given. It was written in the transaction that
/// told the event, and is deleted when the target has it or never will.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// Sorts as the events were told.
    pub number: String,
    /// The key of the rule, and its target.
    pub rule: String,
    pub target: String,
    pub event_id: String,
    /// The event: JSON.
    pub event: String,
    pub received_at: Timestamp,
    /// Tries that failed, and when the next one is.
    pub failures: u32,
    pub next_try_at: Timestamp,
}

impl Record for Delivery {
    const TABLE: &'static str = "events-deliveries";

    fn key(&self) -> String {
        self.number.clone()
    }
}

impl Delivery {
    /// The number of the `place`th delivery that the transaction after `version` writes.
    pub fn number(version: u64, place: usize) -> String {
        format!("{version:020}-{place:06}")
    }

    /// The beginning of the numbers of one transaction.
    pub fn numbers_of(version: u64) -> String {
        format!("{version:020}-")
    }
}
