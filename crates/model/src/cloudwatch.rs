//! CloudWatch: alarms with their history, and dashboards.

use neargate_api_types::cloudwatch;
use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of CloudWatch.
pub fn tables(tables: Tables) -> Tables {
    tables.with::<Alarm>().with::<AlarmHistoryItem>().with::<Dashboard>()
}

/// An alarm. Metric alarms and composite ones share their names.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alarm {
    pub region: String,
    pub name: String,
    pub arn: String,
    pub definition: AlarmDefinition,
    pub state: AlarmState,
    pub state_reason: String,
    /// JSON, where there is something to tell.
    pub state_reason_data: Option<String>,
    /// When the state or its reason was last said.
    pub state_updated_at: Timestamp,
    /// When the state was last another one.
    pub state_transitioned_at: Timestamp,
    pub configured_at: Timestamp,
    pub tags: Tags,
}

/// What an alarm watches, as it was given: the members of the wire shape that
/// tell the alarm's state are empty here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "records live behind an Arc, and most alarms are metric alarms"
)]
pub enum AlarmDefinition {
    Metric(Stored<cloudwatch::MetricAlarm>),
    Composite(Stored<cloudwatch::CompositeAlarm>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlarmState {
    Ok,
    Alarm,
    InsufficientData,
}

impl AlarmState {
    /// `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    pub fn name(self) -> &'static str {
        match self {
            AlarmState::Ok => "OK",
            AlarmState::Alarm => "ALARM",
            AlarmState::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "OK" => Some(AlarmState::Ok),
            "ALARM" => Some(AlarmState::Alarm),
            "INSUFFICIENT_DATA" => Some(AlarmState::InsufficientData),
            _ => None,
        }
    }
}

impl Record for Alarm {
    const TABLE: &'static str = "cloudwatch-alarms";

    fn key(&self) -> String {
        Alarm::key_of(&self.region, &self.name)
    }
}

impl Alarm {
    pub fn key_of(region: &str, name: &str) -> String {
        format!("{region}/{name}")
    }

    /// Says the state; tells whether it is another one now.
    pub fn say(
        &mut self,
        state: AlarmState,
        reason: String,
        reason_data: Option<String>,
        now: Timestamp,
    ) -> bool {
        let transition = self.state != state;
        if transition {
            self.state_transitioned_at = now;
        }
        self.state = state;
        self.state_reason = reason;
        self.state_reason_data = reason_data;
        self.state_updated_at = now;
        transition
    }
}

/// What happened to an alarm; kept for 30 days, and longer than the alarm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AlarmHistoryItem {
    pub region: String,
    pub alarm: String,
    pub at: Timestamp,
    /// Tells apart what happened within one millisecond.
    pub number: u32,
    pub item: Stored<cloudwatch::AlarmHistoryItem>,
}

impl Record for AlarmHistoryItem {
    const TABLE: &'static str = "cloudwatch-alarm-history";

    fn key(&self) -> String {
        let prefix = AlarmHistoryItem::prefix(&self.region, &self.alarm);
        format!("{prefix}{:016}-{:04}", self.at.millis(), self.number)
    }
}

impl AlarmHistoryItem {
    /// The beginning of the keys of an alarm's items. Names have no line ends.
    pub fn prefix(region: &str, alarm: &str) -> String {
        format!("{region}/{alarm}\n")
    }
}

/// A dashboard. Dashboards are the account's, not a region's.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dashboard {
    pub name: String,
    pub arn: String,
    /// JSON, as it was given.
    pub body: String,
    pub modified_at: Timestamp,
    pub tags: Tags,
}

impl Record for Dashboard {
    const TABLE: &'static str = "cloudwatch-dashboards";

    fn key(&self) -> String {
        self.name.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_state_is_a_transition() {
        let mut alarm = Alarm {
            region: "us-west-2".into(),
            name: "a".into(),
            arn: String::new(),
            definition: AlarmDefinition::Metric(Stored(Default::default())),
            state: AlarmState::InsufficientData,
            state_reason: String::new(),
            state_reason_data: None,
            state_updated_at: Timestamp(1),
            state_transitioned_at: Timestamp(1),
            configured_at: Timestamp(1),
            tags: Tags::new(),
        };
        assert!(alarm.say(AlarmState::Alarm, "high".into(), None, Timestamp(2)));
        assert!(!alarm.say(AlarmState::Alarm, "higher".into(), None, Timestamp(3)));
        assert_eq!(alarm.state_reason, "higher");
        assert_eq!(
            (alarm.state_transitioned_at, alarm.state_updated_at),
            (Timestamp(2), Timestamp(3))
        );
    }
}
