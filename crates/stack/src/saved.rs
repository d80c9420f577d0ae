//! Saved plans: a plan in a file, with everything that an apply of it needs, so that what was looked
//! at is what is done.
//!
//! The file is JSON of our own form, with a version. It holds the configuration's files as they were
//! read, the values of the variables, and the state that the plan was made from with its lineage and
//! serial: once the state has moved on, the plan is refused. Whoever writes it keeps it from others:
//! sensitive values are in it as they are.

mod document;
mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use neargate_hcl::Diagnostic;

use crate::config::{self, Config};
use crate::eval::OutsideHandle;
use crate::graph::Graph;
use crate::plan::Plan;
use crate::provider::Providers;
use crate::run::Stack;
use crate::state::State;
use document::Document;

/// The version of the form: another one is refused.
const VERSION: u64 = 1;

/// Where a plan was made, as whoever applies it has to go there again.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    pub directory: PathBuf,
    /// The state's file, from the directory on.
    pub state: PathBuf,
    /// What kind of cloud it is for.
    pub cloud: String,
    /// In seconds since 1970: what `plantimestamp()` says.
    pub planned_at: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum NoPlan {
    #[error("this is no plan that neargate plan --out has written")]
    Other,
    #[error("this is a plan of form {0}, and this program knows form {VERSION}: make a new plan")]
    Version(u64),
    #[error("this plan is broken: {0}")]
    Broken(String),
}

/// A plan out of a file.
pub struct Saved {
    document: Document,
}

/// The text of a plan's file.
pub fn write(stack: &Stack, plan: &Plan, origin: &Origin) -> String {
    let document = Document::of(stack, plan, origin);
    let mut text = serde_json::to_string(&document).expect("a plan is made of what JSON has");
    text.push('\n');
    text
}

/// Reads a plan's file.
pub fn read(text: &str) -> Result<Saved, NoPlan> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        neargate_plan: u64,
    }
    let Versioned { neargate_plan } = serde_json::from_str(text).map_err(|_| NoPlan::Other)?;
    if neargate_plan != VERSION {
        return Err(NoPlan::Version(neargate_plan));
    }
    let document = serde_json::from_str(text).map_err(|e| NoPlan::Broken(e.to_string()))?;
    Ok(Saved { document })
}

impl Saved {
    pub fn origin(&self) -> &Origin {
        &self.document.origin
    }

    /// The configuration as it was when the plan was made, whatever the files say now.
    pub fn stack(
        &self,
        providers: Providers,
        outside: OutsideHandle,
    ) -> Result<Stack, Vec<Diagnostic>> {
        let config: Arc<Config> =
            Arc::new(config::load_files(&self.document.root, self.document.files.clone())?);
        let graph = Graph::of(&config)?;
        let mut inputs = BTreeMap::new();
        for (name, told) in &self.document.variables {
            inputs.insert(name.clone(), value::read(told).ok_or_else(|| broken(name))?);
        }
        Ok(Stack { config, graph, providers, inputs, outside })
    }

    /// The plan, with the schemas of the stack's providers.
    pub fn plan(self, stack: &Stack) -> Result<Plan, Vec<Diagnostic>> {
        self.document.plan(stack)
    }

    /// Whether the state is still the one that the plan was made from.
    pub fn check(&self, state: Option<&State>) -> Result<(), Diagnostic> {
        let prior = &self.document.prior;
        // A plan from nothing has a lineage of its own.
        let first = prior.serial == 0;
        if let Some(state) = state
            && !first
            && state.lineage != prior.lineage
        {
            return Err(Diagnostic::error(
                "Saved plan does not match the given state",
                "The given plan file can not be applied because it was created from a different state lineage.",
            ));
        }
        if state.map_or(0, |state| state.serial) != prior.serial {
            return Err(Diagnostic::error(
                "Saved plan is stale",
                "The given plan file can no longer be applied because the state was changed by another operation after the plan was created.",
            ));
        }
        Ok(())
    }
}

fn broken(what: &str) -> Vec<Diagnostic> {
    let detail = format!("What the plan file says of {what} is not understood: make a new plan.");
    vec![Diagnostic::error("Invalid plan file", detail)]
}
