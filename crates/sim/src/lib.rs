//! The ECS control plane in a simulation: what decides and what is written is the real code
//! (ECS's operations, the service scheduler, the changes of a task's story), over a machine, a
//! load balancer and users that a seed makes up, in a time of their own.
//!
//! ```text
//!   scenario ──▶ user ──▶ api-ecs ──┐                ┌──▶ properties (each write)
//!   (by seed)    scheduler ─────────┼──▶ one store ──┤
//!                stories ───────────┤   (a write may  └──▶ chronicle (what happened, for people)
//!                balancer ──────────┘    be the last before a crash)
//!   machine: containers that start, answer, fail and outlive the daemon
//! ```
//!
//! [`scale`] drives such a world minute by minute with a load, its alarms and the scaling loop.
//!
//! One thread, one queue of events, one seed: the same seed is the same story, to the letter. There
//! are two times, as the real clock has them: the cloud's, which the operator moves, and the
//! machine's, by which drains and a Spot interruption's two minutes go.
//!
//! What is **not** simulated: the drivers of a task's story (`reconcile::task::{life, run,
//! wind_down, prepare}`), which wait for sockets and processes. `stories` tells the story in steps of
//! its own, in their order, and writes with the same changes (`reconcile::task::changes`); whether the
//! drivers keep to it, the end-to-end tests show. Nor are several containers in a task, restart
//! policies, secrets and log lines, connections, the sweep of what unknown tasks have left, CodeDeploy's
//! task sets, RunTask, more services than one, and a clock that runs faster.

mod balancer;
mod base;
mod chronicle;
mod daemon;
mod ending;
mod load;
mod machine;
mod observe;
mod properties;
mod reports;
mod scaled;
mod scenario;
mod script;
mod spot;
mod stories;
mod tally;
mod user;
mod world;

use chronicle::Chronicle;
pub use ending::{roll, run};
pub use load::Load;
pub use scaled::{Curve, Scaling, scale, scale_by_seed};
pub use scenario::{Action, Breaker, Image, Percent, Scenario, Share};
pub use script::{Played, play};
pub use tally::{Seen, Tally};

/// What a scenario came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub seed: u64,
    chronicle: Chronicle,
    /// What must not happen and did.
    pub broken: Option<String>,
    pub writes: u64,
    pub crashes: u64,
    /// What happened, and how often.
    pub tally: Tally,
    /// How much time passed in the scenario.
    pub lasted_ms: i64,
}

impl Outcome {
    /// The whole story, with what went wrong at its end.
    pub fn told(&self) -> String {
        let mut told = self.chronicle.lines().join("\n");
        if let Some(broken) = &self.broken {
            told.push_str(&format!("\n\nseed {}: {broken}\n", self.seed));
        }
        told
    }
}
