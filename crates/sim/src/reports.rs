//! Reports of what was seen on the machine: each becomes a fact in the store. One may be lost,
//! and comes with the next look; one may come twice, at once or when others have come meanwhile.

use neargate_api::Timestamp;
use neargate_model::ecs::{HealthStatus, StopCode};
use neargate_model::elbv2::{Target, TargetState};
use neargate_reconcile::task::changes::Change;
use neargate_runtime::Exit;

use crate::balancer::INTERVAL_MS;
use crate::daemon::Died;
use crate::stories::{CHECK_INTERVAL_MS, WEB};
use crate::tally::Seen;
use crate::world::{Event, Who, World};

/// How late the second of two may be.
const LATE_MS: i64 = 15_000;

/// What was seen.
#[derive(Clone, Debug)]
pub enum Report {
    /// A container's process has begun.
    Start {
        key: String,
        at: Timestamp,
    },
    Exit {
        key: String,
        exit: Exit,
    },
    ContainerHealth {
        key: String,
        health: HealthStatus,
    },
    /// A container cannot start.
    CannotStart {
        key: String,
    },
    /// Its image cannot be pulled.
    CannotPull {
        key: String,
    },
    TargetHealth {
        key: String,
        is_healthy: bool,
    },
    /// Nothing is in flight to a target any more.
    Drained {
        key: String,
    },
}

impl Report {
    /// Of this kind: one that is lost, one that comes twice, and one that does so late.
    fn seen(&self) -> [Seen; 3] {
        use Seen::*;
        match self {
            Report::Start { .. } => [LostStart, DoubledStart, LateStart],
            Report::Exit { .. } => [LostExit, DoubledExit, LateExit],
            Report::ContainerHealth { .. } => {
                [LostContainerHealth, DoubledContainerHealth, LateContainerHealth]
            }
            Report::CannotStart { .. } | Report::CannotPull { .. } => {
                [LostFailure, DoubledFailure, LateFailure]
            }
            Report::TargetHealth { .. } => {
                [LostTargetHealth, DoubledTargetHealth, LateTargetHealth]
            }
            Report::Drained { .. } => [LostDrain, DoubledDrain, LateDrain],
        }
    }
}

/// Whether a report has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Yes,
    /// Whoever saw it says it again when it looks again.
    Lost,
}

impl World {
    pub fn report(&mut self, report: Report) -> Result<Heard, Died> {
        let [lost, doubled, late] = report.seen();
        if self.goes_wrong(|faults| faults.lost) {
            self.tally.note(lost);
            return Ok(Heard::Lost);
        }
        self.note(&report)?;
        if self.goes_wrong(|faults| faults.twice) {
            if self.rng.below(2) == 0 {
                self.tally.note(doubled);
                self.note(&report)?;
            } else {
                self.tally.note(late);
                let later_ms = self.pause_ms(LATE_MS);
                self.after(later_ms, Event::Again(report));
            }
        }
        Ok(Heard::Yes)
    }

    /// A report comes once more. What it says may not be so any more: whoever says it looks again.
    pub fn again(&mut self, report: Report) {
        if self.note(&report).is_err() {
            return;
        }
        match report {
            Report::TargetHealth { key, .. } => self.after(INTERVAL_MS, Event::Probe { key }),
            Report::ContainerHealth { key, .. } => {
                self.after(CHECK_INTERVAL_MS, Event::Check { key });
            }
            _ => {}
        }
    }

    /// Makes it a fact.
    fn note(&mut self, report: &Report) -> Result<(), Died> {
        match report {
            Report::Start { key, at } => self.change(key, |change| change.note_start(WEB, *at)),
            Report::Exit { key, exit } => {
                let exit = self.in_cloud_time(exit);
                self.change(key, |change| change.note_exit(WEB, &exit))
            }
            Report::ContainerHealth { key, health } => {
                self.change(key, |change| change.note_health(WEB, *health, "503"))
            }
            Report::CannotStart { key } => {
                self.change(key, |change| change.could_not_start(WEB, "no such file"))
            }
            Report::CannotPull { key } => self.change(key, |change| {
                let why = "CannotPullContainerError: web: not found";
                change.request_stop(StopCode::TaskFailedToStart, why);
            }),
            Report::TargetHealth { key, is_healthy } => self.note_target_health(key, *is_healthy),
            Report::Drained { key } => self.note_drained(key),
        }
    }

    /// As the load balancers' loop notes it: what drains, or is unused, is not checked.
    fn note_target_health(&mut self, key: &str, is_healthy: bool) -> Result<(), Died> {
        self.write(Who::Balancer, |tx, _| {
            tx.update::<Target>(key, |target| {
                if target.state == TargetState::Draining {
                    return;
                }
                target.state = match is_healthy {
                    true => TargetState::Healthy,
                    false => TargetState::Unhealthy,
                };
                target.reason = None;
                target.description =
                    (!is_healthy).then(|| "Health checks failed with these codes: [503]".into());
            });
        })
    }

    /// As it notes this: one that was registered again stays.
    fn note_drained(&mut self, key: &str) -> Result<(), Died> {
        self.write(Who::Balancer, |tx, _| {
            if tx.get::<Target>(key).is_some_and(|t| t.state == TargetState::Draining) {
                tx.delete::<Target>(key);
            }
        })
    }

    /// What was seen at an instant of the machine, in the cloud's time.
    pub fn in_cloud_time(&self, exit: &Exit) -> Exit {
        let finished_at = self.ctx.cloud.clock.cloud_at(exit.finished_at);
        Exit { finished_at, ..exit.clone() }
    }

    /// Writes one of the changes that stories are written with.
    pub fn change<T>(
        &mut self,
        key: &str,
        change: impl FnOnce(&mut Change<'_>) -> T,
    ) -> Result<T, Died> {
        let now = self.now();
        self.write(Who::Story, |tx, rng| change(&mut Change { tx, key, rng, now }))
    }
}
