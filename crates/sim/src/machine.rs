//! The machine: containers with a life of their own, which a crash of Neargate does not touch.

use std::collections::BTreeMap;

use neargate_api::{Rng, Timestamp};
use neargate_runtime::Exit;

use crate::scenario::{Faults, Image};

/// How a container's life goes, from its start.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// Its process cannot be started.
    pub never_starts: bool,
    /// Its process ends by itself, so long after its start.
    pub ends_ms: Option<i64>,
    /// … and it was the kernel, for memory.
    pub by_oom: bool,
    /// It fails its health checks between these.
    pub sick_ms: Option<(i64, i64)>,
    /// How long it takes to end once it is asked to; the runtime kills it at the timeout.
    pub obeys_ms: i64,
}

/// One container and its task's place in the network.
#[derive(Clone, Debug)]
pub struct Container {
    pub ip: String,
    pub started_ms: i64,
    pub started_at: Timestamp,
    pub life: Life,
    /// When it was asked to end.
    pub asked_ms: Option<i64>,
    pub exit: Option<Exit>,
}

/// When a container that ignores SIGTERM is killed.
pub const STOP_TIMEOUT_MS: i64 = 30_000;

const NEVER_MS: i64 = i64::MAX / 4;

impl Life {
    /// The life of a container of `image` on a machine with these faults.
    pub fn of(image: Image, faults: Faults, rng: &Rng) -> Life {
        let mut life = Life { obeys_ms: obeys_ms(rng), ..Life::default() };
        match image {
            Image::Exits { after_ms } => life.ends_ms = Some(after_ms),
            Image::Hungry { after_ms } => {
                life.ends_ms = Some(after_ms);
                life.by_oom = true;
            }
            Image::Sick { after_ms } => life.sick_ms = Some((after_ms, NEVER_MS)),
            Image::Good if happens(rng, faults.container) => match rng.below(5) {
                0 => life.never_starts = true,
                1 | 2 => {
                    life.ends_ms = Some(rng.below(300_000) as i64);
                    life.by_oom = rng.below(2) == 0;
                }
                _ => {
                    let from = rng.below(180_000) as i64;
                    life.sick_ms = Some((from, from + 5_000 + rng.below(60_000) as i64));
                }
            },
            Image::Good | Image::Missing => {}
        }
        life
    }
}

fn obeys_ms(rng: &Rng) -> i64 {
    match rng.below(10) {
        0 => NEVER_MS,
        1 => rng.below(20_000) as i64,
        _ => rng.below(200) as i64,
    }
}

/// Whether something that happens one time in `one_in` happens now.
pub fn happens(rng: &Rng, one_in: u64) -> bool {
    one_in > 0 && rng.below(one_in) == 0
}

impl Container {
    pub fn runs(&self) -> bool {
        self.exit.is_none()
    }

    /// Whether it has ended as it was asked to.
    pub fn has_obeyed(&self, now_ms: i64) -> bool {
        self.asked_ms.is_some_and(|asked_ms| asked_ms + self.life.obeys_ms <= now_ms)
    }

    /// Whether it would pass a health check now.
    pub fn is_well(&self, now_ms: i64) -> bool {
        let age_ms = now_ms - self.started_ms;
        let sick = self.life.sick_ms.is_some_and(|(from, to)| (from..to).contains(&age_ms));
        self.runs() && !sick
    }

    /// When that changes next, by itself.
    pub fn turns_ms(&self, now_ms: i64) -> Option<i64> {
        let (from, to) = self.life.sick_ms?;
        [from, to].into_iter().map(|at| self.started_ms + at).find(|at| *at > now_ms)
    }
}

/// The containers, by the ids of their tasks.
#[derive(Default)]
pub struct Machine {
    pub containers: BTreeMap<String, Container>,
}

impl Machine {
    /// The container at an address.
    pub fn at(&self, ip: &str) -> Option<&Container> {
        self.containers.values().find(|container| container.ip == ip)
    }

    /// From now on nothing goes wrong with any of them.
    pub fn mend(&mut self, now_ms: i64) {
        for container in self.containers.values_mut() {
            container.life.never_starts = false;
            container.life.ends_ms = None;
            let age_ms = now_ms - container.started_ms;
            container.life.sick_ms = container.life.sick_ms.map(|(from, _)| (from, age_ms));
        }
    }
}
