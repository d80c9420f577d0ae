//! Scripts: scenarios that are written down instead of made up, with nothing left to chance
//! but pauses of some milliseconds, and what a user reads of them.

use neargate_api::Rng;
use neargate_testkit as testkit;
use serde_json::Value;

use crate::base;
use crate::scenario::Scenario;
use crate::world::World;

/// A script that has been played.
pub struct Played(World);

/// Plays a script for so long.
///
/// # Panics
/// When something that must hold does not.
pub fn play(scenario: Scenario, secs: i64) -> Played {
    let mut world = World::of(scenario, Rng::seeded(1), 1);
    if let Err(broken) = world.pass(secs * 1000) {
        panic!("{}\n{broken}", world.chronicle.lines().join("\n"));
    }
    Played(world)
}

impl Played {
    /// What these have told, a line each with the seconds since the beginning.
    pub fn told_by(&self, who: &[&str]) -> String {
        self.0.chronicle.told_by(who).join("\n")
    }

    /// An operation's answer.
    pub fn answer(&self, operation: &str, input: Value) -> String {
        let call = testkit::call(&self.0.ctx, base::ecs(), operation, input);
        base::at_once(call).unwrap_or_else(|refused| refused.message)
    }
}
