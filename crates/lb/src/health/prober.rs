//! Checks every target of every group that a listener uses, each in its own
//! task, and tells what changes.
//!
//! A configuration tells it whom to check; what the control plane makes of an
//! observation comes back as the next configuration, which here only starts
//! and ends tasks and changes their settings.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use neargate_ids::{Clock, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, sleep_until};

use super::probe::{Check, probe};
use super::{HealthState, Reason, Schedule, TargetHealth};
use crate::config::{Config, TargetState};
use crate::connect::Connector;

/// How often a target that is still `initial` is looked at besides.
const EXTRA_LOOK: Duration = Duration::from_secs(1);
/// Observations that may wait to be read; then checks wait.
const OBSERVATIONS: usize = 1024;

/// A target's health has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub target_group: Arc<str>,
    pub target: SocketAddr,
    pub state: HealthState,
    pub reason: Option<Reason>,
    pub at: Timestamp,
}

/// The prober. Dropping it ends all checks.
pub struct Prober {
    connector: Arc<dyn Connector>,
    clock: Clock,
    runtime: Handle,
    out: mpsc::Sender<Observation>,
    tasks: Mutex<HashMap<(Arc<str>, SocketAddr), Probing>>,
}

struct Probing {
    check: watch::Sender<Check>,
    task: JoinHandle<()>,
}

impl Drop for Probing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Prober {
    /// A prober without targets, in the tokio runtime of the caller, and the
    /// stream of what it will see.
    pub fn new(connector: Arc<dyn Connector>, clock: Clock) -> (Self, mpsc::Receiver<Observation>) {
        let (out, observations) = mpsc::channel(OBSERVATIONS);
        let runtime = Handle::current();
        (Prober { connector, clock, runtime, out, tasks: Mutex::default() }, observations)
    }

    /// Checks the targets of `config` from now on.
    pub fn apply(&self, config: &Config) {
        let wanted = wanted(config);
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|key, _| wanted.contains_key(key));
        for (key, (check, state)) in wanted {
            match tasks.get(&key) {
                Some(probing) => {
                    probing.check.send_if_modified(|known| {
                        let changed = *known != check;
                        *known = check;
                        changed
                    });
                }
                None => {
                    let probing = self.begin(key.0.clone(), check, state);
                    tasks.insert(key, probing);
                }
            }
        }
    }

    fn begin(&self, target_group: Arc<str>, check: Check, state: TargetState) -> Probing {
        let check = watch::Sender::new(check);
        let life = Life {
            connector: self.connector.clone(),
            clock: self.clock.clone(),
            out: self.out.clone(),
            target_group,
            check: check.subscribe(),
            health: TargetHealth::resume(state),
        };
        Probing { check, task: self.runtime.spawn(life.run()) }
    }
}

/// Targets to check, each once even when several load balancers use its group.
fn wanted(config: &Config) -> HashMap<(Arc<str>, SocketAddr), (Check, TargetState)> {
    let mut wanted = HashMap::new();
    for load_balancer in &config.load_balancers {
        for arn in load_balancer.target_groups() {
            let Some(group) = config.target_groups.iter().find(|g| g.arn == *arn) else { continue };
            for target in &group.targets {
                if matches!(target.state, TargetState::Draining { .. }) {
                    continue;
                }
                let check = || Check {
                    load_balancer: load_balancer.id.clone(),
                    target: target.address,
                    protocol_version: group.protocol_version,
                    config: group.health_check.clone(),
                };
                let key = (group.arn.clone(), target.address);
                wanted.entry(key).or_insert_with(|| (check(), target.state));
            }
        }
    }
    wanted
}

/// The checks of one target.
struct Life {
    connector: Arc<dyn Connector>,
    clock: Clock,
    out: mpsc::Sender<Observation>,
    target_group: Arc<str>,
    check: watch::Receiver<Check>,
    health: TargetHealth,
}

impl Life {
    async fn run(mut self) {
        if self.health.state == HealthState::Initial {
            self.tell().await;
        }
        let mut due = Instant::now();
        loop {
            let check = self.check.borrow_and_update().clone();
            let now = Instant::now();
            let schedule = if now >= due { Schedule::Due } else { Schedule::Extra };
            let interval = Duration::from_secs(check.config.interval_secs.max(1).into());
            if schedule == Schedule::Due {
                // A check's own duration does not move the next one.
                due = now + interval;
            }
            let result = probe(&*self.connector, &check).await;
            if self.health.observe(result, &check.config, schedule) {
                self.tell().await;
            }
            let next = match self.health.state {
                HealthState::Initial => due.min(Instant::now() + EXTRA_LOOK),
                _ => due,
            };
            tokio::select! {
                () = sleep_until(next) => {}
                changed = self.check.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    // Other settings: look at once.
                    due = Instant::now();
                }
            }
        }
    }

    async fn tell(&self) {
        let observation = Observation {
            target_group: self.target_group.clone(),
            target: self.check.borrow().target,
            state: self.health.state,
            reason: self.health.reason,
            at: self.clock.now(),
        };
        // Without a reader there is nobody to tell.
        let _ = self.out.send(observation).await;
    }
}
