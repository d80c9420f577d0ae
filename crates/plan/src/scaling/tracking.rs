//! Target tracking: as much capacity as brings the metric to its target.
//!
//! What is served by so many tasks at such a metric is served by `tasks × metric ÷ target` at the
//! target. AWS does not publish its arithmetic; this is what its activities show.

use neargate_model::cloudwatch::AlarmState;

use super::{Policy, Reason, Trigger, Wish};

/// The periods that a scale-in is counted from: those that the alarm above the target looks at.
const WATCHED: usize = 3;

/// A policy of target tracking.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracking {
    pub policy: String,
    pub target: f64,
    /// The alarm above the target.
    pub high: Option<Signal>,
    /// The one below nine tenths of it; none where scaling in is disabled.
    pub low: Option<Signal>,
    pub scales_in: bool,
    /// The metric in its last periods, the newest first.
    pub values: Vec<f64>,
    pub out_cooldown_s: i64,
    pub in_cooldown_s: i64,
}

/// An alarm and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    pub alarm: String,
    pub state: AlarmState,
}

impl Signal {
    fn is_on(&self) -> bool {
        self.state == AlarmState::Alarm
    }

    fn triggers(&self, policy: &str) -> Trigger {
        Trigger { policy: policy.to_owned(), alarm: self.alarm.clone(), state: self.state }
    }
}

impl Tracking {
    /// The capacity that a metric of `value` with `capacity` asks for.
    fn needed(&self, capacity: u32, value: f64) -> u32 {
        // What is a whole number but for the last digit is one.
        (f64::from(capacity) * value / self.target - 1e-9).ceil().max(0.0) as u32
    }

    pub(super) fn scale_out(&self, base: u32) -> Option<Wish> {
        let high = self.high.as_ref().filter(|high| high.is_on())?;
        let value = self.values.first().filter(|value| **value > self.target)?;
        Some(Wish {
            by: high.triggers(&self.policy),
            to: self.needed(base, *value),
            cooldown_s: self.out_cooldown_s,
            or_else: |current| Reason::AlreadyAtDesired { current },
        })
    }

    /// The largest of the last periods counts: less would be too little for what was just there.
    fn needed_lately(&self, capacity: u32) -> Option<u32> {
        let lately = self.values.iter().take(WATCHED).copied();
        Some(self.needed(capacity, lately.reduce(f64::max)?))
    }
}

/// What all agree on that may scale in; `None` where one of them does not, or has no values.
/// Policies that may not are heard as far as they would scale out again at once.
pub(super) fn scale_in(policies: &[Policy], capacity: u32) -> Option<Wish> {
    let tracking = || {
        policies.iter().filter_map(|policy| match policy {
            Policy::Tracking(tracking) => Some(tracking),
            Policy::Step(_) => None,
        })
    };
    let mut wish: Option<Wish> = None;
    for policy in tracking().filter(|policy| policy.scales_in) {
        let low = policy.low.as_ref().filter(|low| low.is_on())?;
        let to = policy.needed_lately(capacity)?;
        if wish.as_ref().is_none_or(|wish| to > wish.to) {
            wish = Some(Wish {
                by: low.triggers(&policy.policy),
                to,
                cooldown_s: policy.in_cooldown_s,
                or_else: |current| Reason::AnticipatedFlapping { current },
            });
        }
    }
    let held = tracking().filter(|policy| !policy.scales_in);
    let held = held.filter_map(|policy| policy.needed_lately(capacity)).max();
    wish.map(|wish| Wish { to: wish.to.max(held.unwrap_or(0)), ..wish })
}
