//! The state of a metric alarm, out of the last periods of its metric.
//!
//! CloudWatch looks at more periods than an alarm evaluates, in case that some have no data: the
//! evaluation range. As many real datapoints as it evaluates, the newest ones, decide alone; where
//! there are fewer, what is missing is filled in as the alarm says. Even an alarm that leaves
//! missing data missing comes to ALARM when the oldest datapoint is as old as the number that it
//! needs, and all are breaching.
//!
//! Source: "Using Amazon CloudWatch alarms" in the CloudWatch guide, with its tables.

mod words;

use neargate_ids::Timestamp;
use neargate_model::cloudwatch::AlarmState;

/// Periods that are looked at beyond those that are evaluated: the guide's tables have 5 for 3.
const MORE_PERIODS: usize = 2;

/// What an alarm asks of its metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub comparison: Comparison,
    pub threshold: f64,
    /// Periods that are evaluated, N.
    pub periods: usize,
    /// Datapoints among them that must be breaching, M.
    pub needed: usize,
    pub missing: Missing,
}

/// How a value breaches the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// By the band that each datapoint has: on either side of it, or on one.
    OutsideBand,
    BelowBand,
    AboveBand,
}

/// What a period without data counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

/// A period that has a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoint {
    pub at: Timestamp,
    pub value: f64,
    pub sample_count: f64,
    /// What was expected then, from the least to the most; nothing where nothing was.
    pub band: Option<(f64, f64)>,
}

/// What an evaluation has found.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub state: AlarmState,
    pub reason: String,
    /// Those that decided, the newest first.
    pub evaluated: Vec<Datapoint>,
}

impl Comparison {
    pub fn named(operator: &str) -> Option<Self> {
        Some(match operator {
            "GreaterThanThreshold" => Comparison::Greater,
            "GreaterThanOrEqualToThreshold" => Comparison::GreaterOrEqual,
            "LessThanThreshold" => Comparison::Less,
            "LessThanOrEqualToThreshold" => Comparison::LessOrEqual,
            "LessThanLowerOrGreaterThanUpperThreshold" => Comparison::OutsideBand,
            "LessThanLowerThreshold" => Comparison::BelowBand,
            "GreaterThanUpperThreshold" => Comparison::AboveBand,
            _ => return None,
        })
    }

    /// Whether it compares with a band, and not with the threshold.
    pub fn is_with_band(self) -> bool {
        matches!(self, Comparison::OutsideBand | Comparison::BelowBand | Comparison::AboveBand)
    }

    fn breaches(self, point: &Datapoint, threshold: f64) -> bool {
        let value = point.value;
        let is_below = point.band.is_some_and(|(lower, _)| value < lower);
        let is_above = point.band.is_some_and(|(_, upper)| value > upper);
        match self {
            Comparison::OutsideBand => is_below || is_above,
            Comparison::BelowBand => is_below,
            Comparison::AboveBand => is_above,
            Comparison::Greater => value > threshold,
            Comparison::GreaterOrEqual => value >= threshold,
            Comparison::Less => value < threshold,
            Comparison::LessOrEqual => value <= threshold,
        }
    }
}

impl Missing {
    /// By AWS's name; without one, missing data is missing.
    pub fn named(treatment: Option<&str>) -> Self {
        match treatment {
            Some("ignore") => Missing::Ignore,
            Some("breaching") => Missing::Breaching,
            Some("notBreaching") => Missing::NotBreaching,
            _ => Missing::Missing,
        }
    }
}

impl Condition {
    /// How many periods are looked at.
    pub fn range(&self) -> usize {
        self.periods + MORE_PERIODS
    }

    /// The state after the periods of the range, the oldest first; `None` where it stays as it is.
    pub fn evaluate(&self, range: &[Option<Datapoint>], current: AlarmState) -> Option<Verdict> {
        let newest_first = range.iter().rev().enumerate();
        let real: Vec<(usize, Datapoint)> = newest_first
            .filter_map(|(age, point)| Some((age + 1, (*point)?)))
            .take(self.periods)
            .collect();
        let breaches = |point: &Datapoint| self.comparison.breaches(point, self.threshold);
        let breaching = real.iter().filter(|(_, point)| breaches(point)).count();
        let filled = self.periods - real.len();
        let is_crossed = |filled: usize| breaching + filled >= self.needed;
        let state = match self.missing {
            _ if is_crossed(0) => AlarmState::Alarm,
            Missing::Breaching if is_crossed(filled) => AlarmState::Alarm,
            Missing::Breaching | Missing::NotBreaching => AlarmState::Ok,
            _ if breaching < real.len() => AlarmState::Ok,
            Missing::Ignore => return None,
            Missing::Missing => match real.last() {
                None => AlarmState::InsufficientData,
                Some((age, _)) if *age >= self.needed => AlarmState::Alarm,
                Some(_) => return None,
            },
        };
        let evaluated: Vec<Datapoint> = real.into_iter().map(|(_, point)| point).collect();
        let reason = self.reason(&evaluated, filled, current, state);
        Some(Verdict { state, reason, evaluated })
    }
}

#[cfg(test)]
mod tests;
