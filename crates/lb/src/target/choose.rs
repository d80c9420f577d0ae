//! Which target of a group gets a request.
//!
//! Eligibility is settled when a configuration is applied (healthy targets, or
//! all that may serve when too few are healthy: AWS fails open), so that a
//! choice allocates nothing and takes no lock.
//!
//! `weighted_random` without anomaly mitigation is AWS's plain random choice.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use neargate_ids::{Rng, Timestamp};

use super::{Lease, Target};
use crate::config::{Algorithm, TargetGroup, TargetState};

/// A target group as requests see it, remade with every configuration.
pub struct Group {
    pub config: TargetGroup,
    /// Those that may be chosen now.
    eligible: Vec<Arc<Target>>,
    /// Whether they are eligible for want of healthy ones.
    pub fail_open: bool,
    /// The turn of the round robin; it outlives configurations.
    turn: Arc<AtomicUsize>,
}

impl Group {
    /// `targets` in the order of `config.targets`.
    pub fn new(config: TargetGroup, targets: &[Arc<Target>], turn: Arc<AtomicUsize>) -> Self {
        let in_states = |wanted: &[TargetState]| -> Vec<Arc<Target>> {
            let pairs = config.targets.iter().zip(targets);
            pairs.filter(|(c, _)| wanted.contains(&c.state)).map(|(_, t)| t.clone()).collect()
        };
        let healthy = in_states(&[TargetState::Healthy]);
        let serving = in_states(&[TargetState::Healthy, TargetState::Unhealthy]);
        let fail_open = !serving.is_empty() && too_few(&config, healthy.len(), serving.len());
        let eligible = if fail_open { serving } else { healthy };
        Group { config, eligible, fail_open, turn }
    }

    /// A place at the target by the group's algorithm; `None` when it has no
    /// target to give.
    pub fn choose(&self, rng: &Rng, now: Timestamp) -> Option<Lease> {
        // A target may begin to drain between choice and lease: go round once more.
        for _ in 0..=self.eligible.len() {
            let target = match self.config.algorithm {
                Algorithm::RoundRobin => self.round_robin(rng, now)?,
                Algorithm::LeastOutstandingRequests => self.least_outstanding()?,
                Algorithm::WeightedRandom => {
                    self.eligible.get(rng.below(self.eligible.len() as u64) as usize)?
                }
            };
            if let Some(lease) = target.lease() {
                return Some(lease);
            }
        }
        None
    }

    /// A place at one that is none of `refused`, which took no connection.
    pub fn choose_beside(&self, refused: &[SocketAddr]) -> Option<Lease> {
        let count = self.eligible.len();
        let start = self.turn.fetch_add(1, Ordering::Relaxed) % count.max(1);
        let in_turn = (0..count).map(|i| &self.eligible[(start + i) % count]);
        in_turn
            .filter(|target| !refused.contains(&target.address))
            .find_map(|target| target.lease())
    }

    /// A place at this very target, if it may be chosen: stickiness.
    pub fn stick(&self, address: SocketAddr) -> Option<Lease> {
        self.eligible.iter().find(|t| t.address == address)?.lease()
    }

    /// Each in turn; one in slow start is passed over as often as it is cold.
    fn round_robin(&self, rng: &Rng, now: Timestamp) -> Option<&Arc<Target>> {
        let count = self.eligible.len();
        let next = || self.eligible.get(self.turn.fetch_add(1, Ordering::Relaxed) % count.max(1));
        for _ in 0..count {
            let target = next()?;
            let warmth = target.warmth(self.config.slow_start_secs, now);
            if warmth >= 1000 || rng.below(1000) < warmth {
                return Some(target);
            }
        }
        next()
    }

    /// The least busy; among equals, the one whose turn it is.
    fn least_outstanding(&self) -> Option<&Arc<Target>> {
        let count = self.eligible.len();
        let start = self.turn.fetch_add(1, Ordering::Relaxed) % count.max(1);
        (0..count).map(|i| &self.eligible[(start + i) % count]).min_by_key(|t| t.in_flight())
    }
}

fn too_few(config: &TargetGroup, healthy: usize, all: usize) -> bool {
    let by_count = healthy < config.minimum_healthy_count.max(1) as usize;
    let by_percent =
        config.minimum_healthy_percent.is_some_and(|p| healthy * 100 < usize::from(p) * all);
    by_count || by_percent
}

#[cfg(test)]
mod tests;
