//! Evaluation of a whole configuration: what every name stands for, module instance by module
//! instance, as the values come to be known.
//!
//! `Evaluator` visits the nodes of the graph that are values (variables, locals, outputs, how often
//! modules are called); resources are visited by `plan`, `apply` and `validate`, which put their
//! values into the same `World`.

mod conditions;
mod expand;
pub mod scope;
mod values;
pub mod world;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use neargate_hcl::evaluate;
use neargate_hcl::scope::{Constants, Outside};
use neargate_hcl::{Diagnostic, Value};

use crate::address::ModuleInstance;
use crate::config::Config;
use crate::config::syntax::{Expr, in_context};
use scope::ModuleScope;
use world::{Repetition, World};

pub use conditions::{CheckResult, Object, Status};
pub use expand::MOST;

/// The value of an expression that may name nothing.
pub fn constant(expr: &Expr) -> Result<Value, Diagnostic> {
    evaluate(&expr.syntax, &expr.source, &Constants)
        .map_err(|error| in_context(error, &expr.context))
}

/// What for: what is not known is fine, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Nothing is known of the world: variables, counts and resources may be unknown.
    Validate,
    Plan,
    Apply,
}

pub type OutsideHandle = Arc<dyn Outside + Send + Sync>;

pub struct Evaluator {
    pub config: Arc<Config>,
    pub purpose: Purpose,
    pub outside: OutsideHandle,
    /// The values of the root's variables.
    inputs: BTreeMap<String, Value>,
    world: Mutex<World>,
    results: Mutex<Vec<CheckResult>>,
}

impl Evaluator {
    pub fn new(
        config: Arc<Config>,
        purpose: Purpose,
        inputs: BTreeMap<String, Value>,
        outside: OutsideHandle,
    ) -> Evaluator {
        let cwd = outside.working_directory().unwrap_or_default();
        let world = World::new(config.clone(), cwd, purpose == Purpose::Apply);
        Evaluator {
            config,
            purpose,
            outside,
            inputs,
            world: Mutex::new(world),
            results: Mutex::default(),
        }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the names of a module instance.
    pub fn with_scope<T>(
        &self,
        module: &ModuleInstance,
        repetition: &Repetition,
        this: Option<&Value>,
        work: impl FnOnce(&ModuleScope<'_>) -> T,
    ) -> T {
        let world = self.world();
        work(&ModuleScope { world: &world, module, repetition, this, outside: &*self.outside })
    }

    /// The value of an expression in a module instance.
    pub fn value(
        &self,
        expr: &Expr,
        module: &ModuleInstance,
        repetition: &Repetition,
        this: Option<&Value>,
    ) -> Result<Value, Diagnostic> {
        self.with_scope(module, repetition, this, |scope| {
            evaluate(&expr.syntax, &expr.source, scope)
                .map_err(|error| in_context(error, &expr.context))
        })
    }

    /// How the checks and conditions came out that were looked at so far.
    pub fn check_results(&self) -> Vec<CheckResult> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
