//! CloudWatch: alarms with their history, and dashboards.

use neargate_api_types::cloudwatch;
use neargate_ids::Timestamp;
use neargate_store::{Record, Tables};
use neargate_wire::Stored;
use serde::{Deserialize, Serialize};

use crate::Tags;

/// The tables of CloudWatch.
pub fn tables(tables: Tables) -> Tables {
    tables
        .with::<Alarm>()
        .with::<AlarmHistoryItem>()
        .with::<AlarmAction>()
        .with::<Dashboard>()
        .with::<AnomalyDetector>()
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
    /// Of a composite alarm with a suppressor: that its actions wait.
    #[serde(default)]
    pub held: Option<Held>,
    pub tags: Tags,
}

/// That an alarm's actions are held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The state before the first change whose actions wait.
    pub from: AlarmState,
    pub by: HeldBy,
    pub since: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeldBy {
    WaitPeriod,
    Alarm,
    ExtensionPeriod,
}

impl HeldBy {
    /// As DescribeAlarms names it.
    pub fn name(self) -> &'static str {
        match self {
            HeldBy::WaitPeriod => "WaitPeriod",
            HeldBy::Alarm => "Alarm",
            HeldBy::ExtensionPeriod => "ExtensionPeriod",
        }
    }
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

/// An action that an alarm's change of state asks for; gone once it is done, or given up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AlarmAction {
    pub region: String,
    pub alarm: String,
    pub alarm_arn: String,
    /// When the state changed.
    pub at: Timestamp,
    /// Tells apart those of one millisecond.
    pub number: u32,
    /// The ARN of what is to be done, or told.
    pub action: String,
    pub subject: String,
    /// JSON, as it is published.
    pub message: String,
    pub failures: u32,
    pub next_try_at: Timestamp,
}

impl Record for AlarmAction {
    const TABLE: &'static str = "cloudwatch-alarm-actions";

    fn key(&self) -> String {
        format!("{}{:04}", AlarmAction::prefix(self.at), self.number)
    }
}

impl AlarmAction {
    /// The beginning of the keys of those of one instant.
    pub fn prefix(at: Timestamp) -> String {
        format!("{:016}-", at.millis())
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

/// What anomaly detection was told of a metric, or of a metric math expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnomalyDetector {
    pub region: String,
    /// What it is of, in words that are the same for the same.
    pub of: String,
    pub detector: Stored<cloudwatch::AnomalyDetector>,
}

impl Record for AnomalyDetector {
    const TABLE: &'static str = "cloudwatch-anomaly-detectors";

    fn key(&self) -> String {
        AnomalyDetector::key_of(&self.region, &self.of)
    }
}

impl AnomalyDetector {
    pub fn key_of(region: &str, of: &str) -> String {
        format!("{region}/{of}")
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
            held: None,
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
