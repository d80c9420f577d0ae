//! The capacity that a target's scaling policies want, out of their alarms and metrics.
//!
//! ```text
//!  alarms in ALARM ─▶ wishes: out, if any policy has one     ─▶ the largest ─▶ within bounds
//!                             in, if all target tracking agrees ─▶ the largest ─▶ no deployment, no
//!                                                                                 cooldown, no flapping
//! ```
//!
//! An alarm that is in ALARM is looked at again each minute, so that what a cooldown or a
//! deployment holds back comes later, and a metric that goes on rising scales out further.
//! While the cooldown of a scale-out lasts, the next one is counted from where that began: only
//! what is larger passes.
//!
//! Source: "Target tracking scaling policies" and "Step scaling policies" in the guide of
//! Application Auto Scaling, and "Service auto scaling" in that of ECS.

pub mod bounds;
pub mod forecast;
pub mod step;
pub mod tracking;
mod words;

use neargate_ids::Timestamp;
use neargate_model::cloudwatch::AlarmState;

use step::Step;
use tracking::Tracking;
pub use words::{Reason, cause, description};

/// A scalable target as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The desired count.
    pub capacity: u32,
    pub min: u32,
    pub max: u32,
    pub is_in_suspended: bool,
    pub is_out_suspended: bool,
    /// Nothing is taken away while ECS replaces tasks.
    pub is_deploying: bool,
    /// The last change that a policy has made.
    pub last: Option<Last>,
}

/// A change of the capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    pub from: u32,
    pub to: u32,
    pub at: Timestamp,
    pub cooldown_s: i64,
}

/// One of a target's policies with what its alarms say.
#[derive(Clone, Debug, PartialEq)]
pub enum Policy {
    Tracking(Tracking),
    Step(Step),
}

/// What is to be done, or why nothing is.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// No policy asks for anything.
    Rest,
    Scale(Scale),
    /// A policy asks in vain; AWS writes that down.
    NotScaled {
        by: Trigger,
        reason: Reason,
    },
    /// A policy asks, and is heard later: why.
    Wait(String),
}

/// A capacity that is to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    pub by: Trigger,
    pub from: u32,
    pub to: u32,
    pub cooldown_s: i64,
}

/// The alarm and the policy that speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    pub policy: String,
    pub alarm: String,
    /// The state in which the alarm names the policy among its actions.
    pub state: AlarmState,
}

/// What a policy wants.
struct Wish {
    by: Trigger,
    to: u32,
    cooldown_s: i64,
    /// Why the present capacity stays, if it does.
    or_else: fn(u32) -> Reason,
}

impl Last {
    fn is_out(&self) -> bool {
        self.to > self.from
    }

    fn ends_at(&self) -> Timestamp {
        self.at.plus_secs(self.cooldown_s)
    }
}

impl Standing {
    /// The change whose cooldown goes on.
    fn cooling(&self, now: Timestamp) -> Option<Last> {
        self.last.filter(|last| now < last.ends_at())
    }

    /// What a scale-out is counted from.
    fn base(&self, now: Timestamp) -> u32 {
        match self.cooling(now) {
            Some(last) if last.is_out() && last.to == self.capacity => last.from,
            _ => self.capacity,
        }
    }
}

/// What the policies come to.
pub fn plan(standing: &Standing, policies: &[Policy], now: Timestamp) -> Plan {
    let out = largest(policies.iter().filter_map(|policy| policy.out(standing, now)));
    if let Some(wish) = out {
        return scale_out(standing, wish, now);
    }
    let steps = policies.iter().filter_map(|policy| match policy {
        Policy::Step(step) => step.scale_in(standing.capacity),
        Policy::Tracking(_) => None,
    });
    match largest(tracking::scale_in(policies, standing.capacity).into_iter().chain(steps)) {
        Some(wish) => scale_in(standing, wish, now),
        None => Plan::Rest,
    }
}

impl Policy {
    fn out(&self, standing: &Standing, now: Timestamp) -> Option<Wish> {
        let base = standing.base(now);
        match self {
            Policy::Tracking(tracking) => tracking.scale_out(base),
            Policy::Step(step) => step.scale_out(base),
        }
    }
}

fn largest(wishes: impl Iterator<Item = Wish>) -> Option<Wish> {
    // Of equal ones the first.
    wishes.reduce(|a, b| if b.to > a.to { b } else { a })
}

fn scale_out(standing: &Standing, wish: Wish, now: Timestamp) -> Plan {
    let Standing { capacity, min, max, .. } = *standing;
    if standing.is_out_suspended {
        return Plan::Wait(format!("{} wants to scale out, which is suspended", wish.by.policy));
    }
    if capacity >= max {
        return Plan::NotScaled { by: wish.by, reason: Reason::AlreadyAtMax(max) };
    }
    let to = wish.to.max(min).min(max);
    if to > capacity {
        let cooldown_s = wish.cooldown_s;
        return Plan::Scale(Scale { by: wish.by, from: capacity, to, cooldown_s });
    }
    match standing.cooling(now) {
        Some(last) => Plan::Wait(format!(
            "{} wants no more than the last scale-out gave, whose cooldown ends at {}",
            wish.by.policy,
            last.ends_at().iso8601_secs()
        )),
        None => {
            Plan::NotScaled { by: wish.by, reason: Reason::AlreadyAtDesired { current: capacity } }
        }
    }
}

fn scale_in(standing: &Standing, wish: Wish, now: Timestamp) -> Plan {
    let Standing { capacity, min, max, .. } = *standing;
    if standing.is_in_suspended {
        return Plan::Wait(format!("{} wants to scale in, which is suspended", wish.by.policy));
    }
    if capacity <= min {
        return Plan::NotScaled { by: wish.by, reason: Reason::AlreadyAtMin(min) };
    }
    let to = wish.to.max(min).min(max);
    if to >= capacity {
        let reason = (wish.or_else)(capacity);
        return Plan::NotScaled { by: wish.by, reason };
    }
    if standing.is_deploying {
        let reason = Reason::Unscalable { current: capacity };
        return Plan::NotScaled { by: wish.by, reason };
    }
    if let Some(last) = standing.cooling(now) {
        return Plan::Wait(format!(
            "{} wants to scale in to {to} when the cooldown has ended, at {}",
            wish.by.policy,
            last.ends_at().iso8601_secs()
        ));
    }
    Plan::Scale(Scale { by: wish.by, from: capacity, to, cooldown_s: wish.cooldown_s })
}

#[cfg(test)]
mod tests;
