//! The load balancer: checks targets, tells what it sees of them, and lets go of those that
//! drain once nothing is in flight.

use neargate_api::Record;
use neargate_model::elbv2::{Target, TargetState};

use crate::base;
use crate::machine::happens;
use crate::reports::{Heard, Report};
use crate::tally::Seen;
use crate::world::{Event, World};

/// What it makes of a target.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// Whether it is healthy; nothing for one that is new.
    healthy: Option<bool>,
    /// Results in a row that speak against that.
    against: u32,
    /// Since when a new one fails.
    failing_since_ms: Option<i64>,
    drains: bool,
}

pub const INTERVAL_MS: i64 = 5_000;
const THRESHOLD: u32 = 2;

/// After a report that was lost.
const DRAINED_AGAIN_MS: i64 = 1_000;

impl World {
    /// A target is there, or is another than it was.
    pub fn note_target(&mut self, target: &Target) {
        if !self.daemon.is_up {
            return;
        }
        let drains = target.state == TargetState::Draining;
        let watched = self.daemon.watched.entry(target.key());
        let is_new = matches!(watched, std::collections::btree_map::Entry::Vacant(_));
        let watched = watched.or_default();
        if drains && !watched.drains {
            watched.drains = true;
            let in_flight_ms = match self.rng.below(4) {
                0 => i64::MAX / 4,
                _ => self.rng.below(500) as i64,
            };
            let until = target.drains_until.unwrap_or(self.wall());
            let left_ms = until.millis_since(self.wall()).clamp(0, 3_600_000);
            self.after(in_flight_ms.min(left_ms), Event::Drained { key: target.key() });
        } else if !drains && (is_new || watched.drains) {
            *watched = Watched::default();
            let soon = self.pause_ms(100);
            self.after(soon, Event::Probe { key: target.key() });
        }
    }

    pub fn probe(&mut self, key: &str) {
        let target = self.store().snapshot().get::<Target>(key);
        let Some(target) = target.filter(|target| target.state != TargetState::Draining) else {
            self.daemon.watched.remove(key);
            return;
        };
        let container = self.machine.at(&target.ip);
        let passes = container.is_some_and(|container| container.is_well(self.at_ms));
        let turns_ms = container.and_then(|container| container.turns_ms(self.at_ms));
        let at_ms = self.at_ms;
        if !passes {
            self.tally.note(Seen::FailedTargetCheck);
        }
        let Some(watched) = self.daemon.watched.get_mut(key) else { return };
        watched.see(passes, at_ms);
        let (healthy, settled) = (watched.healthy, watched.healthy == Some(passes));
        let told = match target.state {
            TargetState::Healthy => Some(true),
            TargetState::Unhealthy => Some(false),
            _ => None,
        };
        let news = healthy.filter(|_| healthy != told);
        let report =
            news.map(|is_healthy| Report::TargetHealth { key: key.to_owned(), is_healthy });
        let Ok(heard) = report.map_or(Ok(Heard::Yes), |report| self.report(report)) else { return };
        let lost = heard == Heard::Lost;
        // Nothing new is to be seen before the container turns.
        let next_ms = match (settled && !lost, turns_ms) {
            (false, _) if healthy.is_none() => 1_000,
            (false, _) => INTERVAL_MS,
            (true, Some(turns_ms)) => (turns_ms - self.at_ms).max(INTERVAL_MS),
            (true, None) => return,
        };
        self.after(next_ms, Event::Probe { key: key.to_owned() });
    }

    pub fn drained(&mut self, key: &str) {
        match self.report(Report::Drained { key: key.to_owned() }) {
            Ok(Heard::Yes) => drop(self.daemon.watched.remove(key)),
            Ok(Heard::Lost) => self.after(DRAINED_AGAIN_MS, Event::Drained { key: key.to_owned() }),
            Err(_) => {}
        }
    }

    /// Something has happened to the container at this address.
    pub fn probe_soon(&mut self, ip: &str) {
        let key = Target::key_of(base::TARGET_GROUP, ip, 80);
        if self.daemon.watched.contains_key(&key) {
            self.after(INTERVAL_MS, Event::Probe { key });
        }
    }

    /// Whether something goes wrong now that does so one time in so many.
    pub fn goes_wrong(&self, one_in: impl FnOnce(&crate::scenario::Faults) -> u64) -> bool {
        happens(&self.rng, one_in(&self.faults))
    }
}

impl Watched {
    fn see(&mut self, passes: bool, at_ms: i64) {
        let Some(healthy) = self.healthy else {
            let since = *self.failing_since_ms.get_or_insert(at_ms);
            if passes {
                self.healthy = Some(true);
            } else if at_ms - since >= INTERVAL_MS * i64::from(THRESHOLD - 1) {
                self.healthy = Some(false);
            }
            return;
        };
        self.against = if passes == healthy { 0 } else { self.against + 1 };
        if self.against >= THRESHOLD {
            *self = Watched { healthy: Some(passes), drains: self.drains, ..Watched::default() };
        }
    }
}
