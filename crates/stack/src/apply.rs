//! The apply: a plan carried out along the graph, as many calls at once as may be, and the state
//! written after each.
//!
//! ```text
//! destroy what others need less ─▶ create, update ─▶ destroy what was replaced before
//! ```
//!
//! What fails keeps what it came to; what needs it is left for the next apply. Whoever asks it to stop
//! waits for what is in flight, and no longer.

mod change;
mod destroy;
mod intents;
mod order;
mod visit;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use neargate_hcl::{Diagnostic, Value};
use neargate_ids::{Clock, Rng};

use crate::address::ResourceInstance;
use crate::eval::Purpose;
use crate::graph::walk::walk;
use crate::plan::{Action, Options, Plan, PlanMode, ResourceChange, Summary, included};
use crate::run::{Observer, Run, Stack, Stop};
use crate::state::file::{StateError, StateFile};
use crate::state::intents::Intent;
use crate::state::{State, checks, outputs};

/// Where the state goes after each step.
pub trait Keeper: Send + Sync {
    fn keep(&self, state: &mut State) -> Result<(), StateError>;

    /// Notes what is about to be made.
    fn intend(&self, _intent: Intent) -> Result<(), StateError> {
        Ok(())
    }

    /// An intent is over; `now`: nothing may say otherwise from here on.
    fn over(&self, _address: &str, _now: bool) -> Result<(), StateError> {
        Ok(())
    }

    /// The intents that are not over.
    fn intents(&self) -> Vec<Intent> {
        Vec::new()
    }
}

/// The state's file, for a run that has it to itself.
impl Keeper for Mutex<StateFile> {
    fn keep(&self, state: &mut State) -> Result<(), StateError> {
        file(self).write(state)
    }

    fn intend(&self, intent: Intent) -> Result<(), StateError> {
        file(self).intents().add(intent)
    }

    fn over(&self, address: &str, now: bool) -> Result<(), StateError> {
        file(self).intents().over(address, now)
    }

    fn intents(&self) -> Vec<Intent> {
        file(self).intents().open().to_vec()
    }
}

fn file(kept: &Mutex<StateFile>) -> MutexGuard<'_, StateFile> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an apply needs from outside.
pub struct Surroundings<'a> {
    pub keeper: &'a dyn Keeper,
    pub observer: &'a dyn Observer,
    pub stop: Stop,
    pub clock: Clock,
    pub rng: Rng,
    pub parallelism: usize,
}

/// What an apply came to.
pub struct Outcome {
    pub state: State,
    /// What was done, in part or whole.
    pub summary: Summary,
    /// The root's outputs, where nothing went wrong.
    pub outputs: BTreeMap<String, Value>,
    pub problems: Vec<Diagnostic>,
}

impl Outcome {
    pub fn is_ok(&self) -> bool {
        !self.problems.iter().any(Diagnostic::is_error)
    }
}

/// Does what a plan says.
pub async fn apply(stack: &Stack, plan: Plan, around: &Surroundings<'_>) -> Outcome {
    let run = Run::new(
        stack,
        if plan.mode == PlanMode::Destroy { Purpose::Plan } else { Purpose::Apply },
        plan.state.clone(),
        around.parallelism,
        around.observer,
        around.stop.clone(),
    );
    let applier = Applier {
        changes: plan
            .changes
            .iter()
            .map(|change| ((change.address.clone(), change.deposed.clone()), change.clone()))
            .collect(),
        // A key for each object that makes room for its replacement.
        deposed: plan
            .changes
            .iter()
            .filter(|change| change.action == Action::CreateThenDelete)
            .map(|change| (change.address.clone(), around.rng.hex(8)))
            .collect(),
        before_create: crate::plan::before_create(stack),
        done: Mutex::default(),
        run,
        around,
        plan,
    };
    applier.run().await
}

struct Applier<'a> {
    run: Run<'a>,
    plan: Plan,
    around: &'a Surroundings<'a>,
    changes: BTreeMap<(ResourceInstance, Option<String>), ResourceChange>,
    deposed: BTreeMap<ResourceInstance, String>,
    before_create: std::collections::BTreeSet<crate::address::ConfigResource>,
    done: Mutex<Done>,
}

#[derive(Default)]
struct Done {
    summary: Summary,
    /// Something was left because a stop was asked for.
    interrupted: bool,
}

impl Applier<'_> {
    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The planned change of a current object.
    fn change(&self, address: &ResourceInstance) -> Option<&ResourceChange> {
        self.changes.get(&(address.clone(), None))
    }

    /// Whether to begin nothing more. Whoever asks leaves something out.
    fn stopped(&self) -> bool {
        let stopped = self.run.stop.is_asked();
        if stopped {
            self.done().interrupted = true;
        }
        stopped
    }

    /// Writes the state as it is now.
    fn keep(&self) {
        let kept = self.around.keeper.keep(&mut self.run.state());
        if let Err(error) = kept {
            let detail =
                format!("{error}\n\nThe apply goes no further: what it does would be forgotten.");
            self.run.tell([Diagnostic::error("Failed to save the state", detail)]);
            self.run.stop.ask();
        }
    }

    async fn run(self) -> Outcome {
        self.keep();
        if self.plan.mode != PlanMode::RefreshOnly {
            let options = Options {
                targets: self.plan.targets.clone(),
                mode: self.plan.mode,
                ..Options::default()
            };
            let nodes = included(self.run.stack, &options);
            if self.plan.mode == PlanMode::Destroy {
                // Only what the providers need to be configured.
                self.run.know().await;
                self.end_left().await;
            }
            let steps = order::steps(&self, nodes.as_ref());
            walk(&steps, |step| self.visit(step)).await;
            if self.plan.mode != PlanMode::Destroy {
                // By now all that providers are configured by is known.
                self.end_left().await;
            }
        }
        let mut problems = self.run.take_problems();
        let failed = problems.iter().any(Diagnostic::is_error);
        let interrupted = self.done().interrupted;
        if interrupted {
            problems.push(Diagnostic::error(
                "Apply was interrupted",
                "What was in flight has ended, and the state has it. Run the apply again to go on.",
            ));
        }
        let values = self.outputs(failed || interrupted);
        self.forget_data();
        self.checks();
        self.keep();
        problems.extend(self.run.take_problems());
        let state = self.run.state().clone();
        let summary = self.done().summary;
        Outcome { state, summary, outputs: values, problems }
    }

    /// Writes the root's outputs into the state. Of an apply that failed, those that are known.
    fn outputs(&self, partly: bool) -> BTreeMap<String, Value> {
        let mut state = self.run.state();
        if self.plan.mode == PlanMode::Destroy {
            if !partly && self.plan.targets.is_empty() {
                state.outputs.clear();
            }
            return BTreeMap::new();
        }
        let planned: BTreeMap<String, Value> = match self.plan.mode {
            PlanMode::RefreshOnly => self
                .plan
                .outputs
                .iter()
                .filter_map(|(name, change)| Some((name.clone(), change.after.clone()?)))
                .collect(),
            _ => {
                let world = self.run.evaluator.world();
                world.module(&Default::default()).map(|m| m.outputs.clone()).unwrap_or_default()
            }
        };
        let declared = &self.run.stack.config.root().outputs;
        if !partly && self.plan.targets.is_empty() {
            state.outputs.retain(|name, _| declared.contains_key(name));
        }
        let mut known = BTreeMap::new();
        for (name, value) in planned {
            if !value.is_wholly_known() {
                continue;
            }
            if value.is_null() {
                state.outputs.remove(&name);
            } else {
                state.outputs.insert(name.clone(), outputs::of(&value));
                known.insert(name, value);
            }
        }
        known
    }

    /// Data of what is destroyed is no longer of interest.
    fn forget_data(&self) {
        let mut state = self.run.state();
        if self.plan.mode == PlanMode::Destroy && self.plan.targets.is_empty() {
            let left = state.resources.iter().any(|resource| resource.mode == "managed");
            if !left {
                state.resources.clear();
            }
        }
    }

    fn checks(&self) {
        let results = if self.plan.mode == PlanMode::RefreshOnly {
            self.plan.checks.clone()
        } else {
            self.run.evaluator.check_results()
        };
        self.run.state().check_results = checks::of(&results);
    }
}
