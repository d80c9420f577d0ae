//! What must hold of scaling. It is written from what AWS promises, and shares no code with the
//! plan that it judges.

use std::collections::BTreeSet;

use neargate_api::{Record, Snapshot, Timestamp};
use neargate_model::application_autoscaling::ScalingActivity;
use neargate_model::cloudwatch::{Alarm, AlarmState};
use neargate_model::ecs::{Deployment, RolloutState, Service};

use super::Scaling;

#[derive(Default)]
pub struct Holds {
    /// Until when nothing is taken away.
    cools_until: Option<Timestamp>,
    /// The keys of the activities that were looked at.
    seen: BTreeSet<String>,
}

/// Minutes of a constant load after which nothing moves any more: the slowest cooldowns and
/// alarms, as often as the smallest capacity has to grow to the largest.
const RESTS_AFTER: usize = 90;

/// A constant load is served with one capacity in the end, and on the way it is never left for
/// less and then for more again.
pub fn comes_to_rest(capacities: &[u32]) -> Option<String> {
    let turns = capacities.windows(2).map(|pair| pair[1].cmp(&pair[0]) as i32);
    let turns: Vec<i32> = turns.filter(|turn| *turn != 0).collect();
    if let Some(at) = turns.windows(2).position(|pair| pair[0] < 0 && pair[1] > 0) {
        return Some(format!("change {} of a constant load takes back a scale-in", at + 2));
    }
    let last = capacities.last()?;
    let rest = capacities.iter().skip(RESTS_AFTER).find(|capacity| *capacity != last);
    rest.map(|other| format!("a constant load has {other} tasks late, and then {last}"))
}

impl Holds {
    pub fn check_capacity(&self, capacity: u32, scaling: &Scaling) -> Option<String> {
        let (min, max) = (scaling.min, scaling.max);
        let is_within = (min..=max).contains(&capacity);
        (!is_within).then(|| format!("{capacity} is outside of {min} to {max}"))
    }

    /// The changes that were decided since the last look.
    pub fn check_decisions(
        &mut self,
        snapshot: &Snapshot,
        now: Timestamp,
        scaling: &Scaling,
    ) -> Option<String> {
        let mut found = None;
        let all: Vec<_> = snapshot.all::<ScalingActivity>().collect();
        // The newest come first.
        for activity in all.into_iter().rev() {
            if self.seen.insert(activity.key()) {
                let broken = self.check_decision(snapshot, &activity, now, scaling);
                found = found.or(broken);
            }
        }
        found
    }

    fn check_decision(
        &mut self,
        snapshot: &Snapshot,
        activity: &ScalingActivity,
        now: Timestamp,
        scaling: &Scaling,
    ) -> Option<String> {
        let change = activity.change.as_ref().filter(|change| change.policy.is_some())?;
        let (at, told) = (activity.started_at, format!("{} → {}", change.from, change.to));
        let is_in = change.to < change.from;
        let cools = self.cools_until.is_some_and(|until| at < until);
        let cooldown_s = if is_in { scaling.in_cooldown_s } else { scaling.out_cooldown_s };
        self.cools_until = Some(at.plus_secs(cooldown_s));
        if is_in && cools {
            return Some(format!("{told} within a cooldown"));
        }
        // Where Neargate died after it, what it was decided by may be over.
        if at == now { Holds::check_grounds(snapshot, is_in, &told) } else { None }
    }

    fn check_grounds(snapshot: &Snapshot, is_in: bool, told: &str) -> Option<String> {
        let are_on = |mark: &str| {
            let all = snapshot.all::<Alarm>().filter(|alarm| alarm.name.contains(mark));
            all.map(|alarm| alarm.state == AlarmState::Alarm).collect::<Vec<_>>()
        };
        if !is_in {
            let any = are_on("-AlarmHigh-").into_iter().any(|is_on| is_on);
            return (!any).then(|| format!("{told} though no policy wants it"));
        }
        let service = snapshot.all::<Service>().next()?;
        let is_in_progress = |d: &Deployment| d.rollout == RolloutState::InProgress;
        if service.deployments.len() > 1 || service.deployments.iter().any(is_in_progress) {
            return Some(format!("{told} during a deployment"));
        }
        let all = are_on("-AlarmLow-").into_iter().all(|is_on| is_on);
        (!all).then(|| format!("{told} though not all policies agree"))
    }
}
