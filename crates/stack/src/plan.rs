//! The plan: what an apply would do, and why.
//!
//! ```text
//! state ─ moves ─▶ walk of the graph: refresh, evaluate, ask the provider ─▶ orphans ─▶ outputs
//! ```
//!
//! Nothing is changed by a plan but the state's picture of the world, which is part of the plan.

mod data;
mod decide;
mod import;
mod instance;
mod moves;
mod orphans;
mod outputs;
pub mod proposed;
mod refresh;
mod targets;
mod visit;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use neargate_hcl::{Diagnostic, Value};
use serde::{Deserialize, Serialize};

use crate::address::{ConfigResource, ResourceInstance, Target};
use crate::eval::world::Repetition;
use crate::eval::{CheckResult, Purpose};
use crate::graph::walk::walk;
use crate::paths::Path;
use crate::run::{Observer, ProviderAddress, Run, Stack, Stop};
use crate::schema::Schema;
use crate::state::State;
pub use decide::{Wanted, ignoring};
pub use instance::ask;
pub use outputs::OutputChange;
pub use targets::included;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    NoOp,
    Create,
    Read,
    Update,
    DeleteThenCreate,
    CreateThenDelete,
    Delete,
    /// Out of the state, and left in the world.
    Forget,
}

impl Action {
    pub fn replaces(self) -> bool {
        matches!(self, Action::DeleteThenCreate | Action::CreateThenDelete)
    }
}

/// Why an action is what it is, where that is not plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Tainted,
    Requested,
    Triggered,
    CannotUpdate,
    NoResourceConfig,
    NoModule,
    WrongRepetition,
    CountIndex,
    EachKey,
    ConfigUnknown,
    DependencyPending,
    Deposed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanMode {
    #[default]
    Normal,
    Destroy,
    RefreshOnly,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub mode: PlanMode,
    pub refresh: bool,
    pub targets: Vec<Target>,
    pub replace: Vec<ResourceInstance>,
    /// How many calls of providers go on at once.
    pub parallelism: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            mode: PlanMode::Normal,
            refresh: true,
            targets: Vec::new(),
            replace: Vec::new(),
            parallelism: 10,
        }
    }
}

#[derive(Clone, Debug)]
pub struct ResourceChange {
    pub address: ResourceInstance,
    /// Where the state had it, if that was elsewhere.
    pub previous: Option<ResourceInstance>,
    /// The key of an object that an earlier replacement left.
    pub deposed: Option<String>,
    pub provider: ProviderAddress,
    pub schema: Arc<Schema>,
    pub action: Action,
    pub reason: Option<Reason>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// What cannot be changed without another object.
    pub replace: Vec<Path>,
    pub importing: Option<String>,
}

/// What the world has changed by itself.
#[derive(Clone, Debug)]
pub struct Drift {
    pub address: ResourceInstance,
    pub provider: ProviderAddress,
    pub schema: Arc<Schema>,
    pub before: Value,
    /// None: it is gone.
    pub after: Option<Value>,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub mode: PlanMode,
    /// Data sources that are read already are not among them.
    pub changes: Vec<ResourceChange>,
    pub outputs: BTreeMap<String, OutputChange>,
    pub drift: Vec<Drift>,
    /// As it was before anything was looked at.
    pub prior: State,
    /// As the world is.
    pub state: State,
    pub checks: Vec<CheckResult>,
    pub targets: Vec<Target>,
    pub warnings: Vec<Diagnostic>,
}

/// How many objects are made, changed and destroyed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub import: usize,
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
    pub forget: usize,
}

impl Plan {
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for change in &self.changes {
            summary.import += usize::from(change.importing.is_some());
            match change.action {
                Action::NoOp | Action::Read => {}
                Action::Create => summary.add += 1,
                Action::Update => summary.change += 1,
                Action::Delete => summary.destroy += 1,
                Action::Forget => summary.forget += 1,
                Action::DeleteThenCreate | Action::CreateThenDelete => {
                    summary.add += 1;
                    summary.destroy += 1;
                }
            }
        }
        summary
    }

    /// Whether an apply would do anything: to objects, outputs, or the state.
    pub fn is_empty(&self) -> bool {
        let nothing = |change: &ResourceChange| {
            change.action == Action::NoOp && change.previous.is_none() && change.importing.is_none()
        };
        self.changes.iter().all(nothing)
            && self.outputs.values().all(|output| output.action == Action::NoOp)
            && (self.mode != PlanMode::RefreshOnly || self.drift.is_empty())
    }
}

/// Plans what would make the world as the configuration says.
pub async fn plan(
    stack: &Stack,
    state: State,
    options: &Options,
    observer: &dyn Observer,
    stop: Stop,
) -> Result<Plan, Vec<Diagnostic>> {
    let mut moved_state = state.clone();
    let moved = moves::apply(&stack.config, &mut moved_state);
    let run = Run::new(stack, Purpose::Plan, moved_state, options.parallelism, observer, stop);
    let planner = Planner {
        before_create: before_create(stack),
        included: targets::included(stack, options),
        run,
        options,
        moved,
        done: Mutex::default(),
    };
    planner.run(state).await
}

/// What is planned so far.
#[derive(Default)]
struct Done {
    changes: Vec<ResourceChange>,
    drift: Vec<Drift>,
    /// Every instance that the configuration has.
    seen: BTreeSet<ResourceInstance>,
    /// The instances that `import` blocks name, each with the block's place and its `each`.
    imports: BTreeMap<ResourceInstance, (usize, Repetition)>,
    /// How many instances are planned or about to be.
    instances: u64,
    /// Whether it was told that these are too many.
    is_too_large: bool,
}

struct Planner<'a> {
    run: Run<'a>,
    options: &'a Options,
    /// Where each moved instance was.
    moved: BTreeMap<ResourceInstance, ResourceInstance>,
    /// The resources whose replacement is made before they are destroyed.
    before_create: BTreeSet<ConfigResource>,
    /// What targets leave; all, if there are none.
    included: Option<BTreeSet<crate::graph::Node>>,
    done: Mutex<Done>,
}

impl Planner<'_> {
    fn done(&self) -> MutexGuard<'_, Done> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self, prior: State) -> Result<Plan, Vec<Diagnostic>> {
        let graph = &self.run.stack.graph;
        let needs = match &self.included {
            None => graph.needs.clone(),
            Some(included) => graph
                .needs
                .iter()
                .filter(|(node, _)| included.contains(node))
                .map(|(node, needs)| (node.clone(), needs.clone()))
                .collect(),
        };
        walk(&needs, |node| self.visit(node)).await;
        let mut problems = self.run.take_problems();
        if problems.iter().any(Diagnostic::is_error) {
            return Err(problems);
        }
        self.orphans().await;
        problems.extend(self.run.take_problems());
        if self.run.stop.is_asked() {
            problems.push(Diagnostic::error("Planning was interrupted", "Nothing was changed."));
        }
        if problems.iter().any(Diagnostic::is_error) {
            return Err(problems);
        }
        let outputs = self.outputs(&prior);
        let done = std::mem::take(&mut *self.done());
        let mut changes = done.changes;
        changes.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
        let mut drift = done.drift;
        drift.sort_by(|a, b| a.address.cmp(&b.address));
        Ok(Plan {
            mode: self.options.mode,
            changes,
            outputs,
            drift,
            prior,
            state: self.run.state().clone(),
            checks: self.run.evaluator.check_results(),
            targets: self.options.targets.clone(),
            warnings: problems,
        })
    }
}

/// Those that say so, and whatever they need: what needs a resource that is made first cannot have
/// it destroyed first.
pub fn before_create(stack: &Stack) -> BTreeSet<ConfigResource> {
    let mut found = BTreeSet::new();
    for (path, module) in &stack.config.modules {
        for (resource, decl) in &module.resources {
            if decl.lifecycle.create_before_destroy {
                let at = ConfigResource { module: path.clone(), resource: resource.clone() };
                found.extend(stack.graph.resources_before(&at));
                found.insert(at);
            }
        }
    }
    found
}
