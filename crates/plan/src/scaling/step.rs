//! Step scaling: an adjustment for how far the metric is beyond the threshold of an alarm.

use neargate_model::cloudwatch::AlarmState;

use super::{Reason, Trigger, Wish};

/// A policy of step scaling that an alarm has triggered.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub policy: String,
    pub adjustment: Adjustment,
    pub steps: Vec<Interval>,
    pub cooldown_s: i64,
    pub breach: Breach,
}

/// How an adjustment is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjustment {
    Change,
    /// By at least so many.
    Percent {
        at_least: u32,
    },
    Exact,
}

/// How far the metric is from the threshold in this step: bounds that are missing are infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub adjustment: i32,
}

/// An alarm in a state in which it triggers the policy, and where its metric is.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach {
    pub alarm: String,
    pub state: AlarmState,
    pub threshold: f64,
    /// Whether it watches for too much; else for too little.
    pub is_above: bool,
    /// The metric, over the alarm's evaluated periods.
    pub value: f64,
}

impl Interval {
    /// Above the threshold the lower bound belongs to a step, below it the upper one.
    fn has(&self, difference: f64, is_above: bool) -> bool {
        let (lower, upper) = (self.lower, self.upper);
        match is_above {
            true => lower.is_none_or(|l| difference >= l) && upper.is_none_or(|u| difference < u),
            false => lower.is_none_or(|l| difference > l) && upper.is_none_or(|u| difference <= u),
        }
    }
}

impl Step {
    pub(super) fn scale_out(&self, base: u32) -> Option<Wish> {
        self.wish(base).filter(|wish| wish.to > base)
    }

    pub(super) fn scale_in(&self, capacity: u32) -> Option<Wish> {
        self.wish(capacity).filter(|wish| wish.to <= capacity)
    }

    fn wish(&self, capacity: u32) -> Option<Wish> {
        let Breach { alarm, state, .. } = &self.breach;
        let breach = &self.breach;
        let difference = breach.value - breach.threshold;
        let is_above = difference > 0.0 || (difference == 0.0 && breach.is_above);
        let step = self.steps.iter().find(|step| step.has(difference, is_above))?;
        Some(Wish {
            by: Trigger { policy: self.policy.clone(), alarm: alarm.clone(), state: *state },
            to: self.adjustment.of(capacity, step.adjustment),
            cooldown_s: self.cooldown_s,
            or_else: |current| Reason::AlreadyAtDesired { current },
        })
    }
}

impl Adjustment {
    fn of(self, capacity: u32, by: i32) -> u32 {
        let present = i64::from(capacity);
        let wanted = match self {
            Adjustment::Exact => by.into(),
            Adjustment::Change => present + i64::from(by),
            Adjustment::Percent { at_least } => present + percent(present, by, at_least),
        };
        u32::try_from(wanted.max(0)).unwrap_or(u32::MAX)
    }
}

/// Fractions are dropped, but what is not nothing is at least one.
fn percent(present: i64, by: i32, at_least: u32) -> i64 {
    let change = present * i64::from(by) / 100;
    let at_least = i64::from(at_least.max(1));
    match by {
        0 => 0,
        1.. => change.max(at_least),
        _ => change.min(-at_least),
    }
}
