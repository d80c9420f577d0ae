//! What a running Neargate keeps in mind, and loses when it dies.

use std::collections::BTreeMap;

use neargate_reconcile::services::Scheduler;

use crate::balancer::Watched;
use crate::stories::Story;

#[derive(Default)]
pub struct Daemon {
    pub is_up: bool,
    /// Counts its lives: what was begun in an earlier one does not go on.
    pub life: u64,
    pub scheduler: Scheduler,
    /// What the scheduler waits for since its last look.
    pub waits_for: Vec<String>,
    /// When the scheduler looks next.
    pub looks_at_ms: Option<i64>,
    /// By the keys of their tasks.
    pub stories: BTreeMap<String, Story>,
    /// What the load balancer makes of its targets, by their keys.
    pub watched: BTreeMap<String, Watched>,
}

impl Daemon {
    pub fn start(&mut self) {
        *self = Daemon { is_up: true, life: self.life + 1, ..Daemon::default() };
    }

    pub fn die(&mut self) {
        *self = Daemon { life: self.life, ..Daemon::default() };
    }
}

/// A write that was not made, or whose maker did not live to know.
#[derive(Debug)]
pub struct Died;
