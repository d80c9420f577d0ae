//! A look at a directory that asks nobody: the plan that a first apply of it would make, with what
//! AWS decides imagined. For whoever judges a configuration before there is anything of it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use neargate_api::Clock;
use neargate_provider_aws::{Imagined, SOURCE};
use neargate_stack::eval::world::Repetition;
use neargate_stack::eval::{Evaluator, Purpose};
use neargate_stack::graph::Node;
use neargate_stack::plan::{self, Plan, plan};
use neargate_stack::provider::Providers;
use neargate_stack::run::{Stack, Stop, Unobserved};
use neargate_stack::state::State;

use super::{Opened, Trouble, Variables, block_on, opened, rng};

/// What is looked at.
#[derive(Args)]
pub struct Look {
    /// The directory of the .tf files.
    #[arg(default_value = ".", value_name = "DIR")]
    pub directory: PathBuf,
    #[command(flatten)]
    pub variables: Variables,
}

/// The region where nothing says another.
pub const REGION: &str = "us-west-2";

impl Look {
    /// Works in the directory from here on.
    pub fn planned(&self) -> Result<(Opened, Plan), Trouble> {
        std::env::set_current_dir(&self.directory)
            .with_context(|| format!("entering {}", self.directory.display()))?;
        planned(&self.variables)
    }
}

/// Of the directory that was entered.
pub fn planned(variables: &Variables) -> Result<(Opened, Plan), Trouble> {
    let (clock, rng) = (Clock::system(), rng()?);
    let region = std::env::var("AWS_REGION").unwrap_or_else(|_| REGION.to_owned());
    let imagined = Imagined::new(region, rng.clone(), clock.clone());
    let providers = Providers::builtin(&rng).with(SOURCE, Arc::new(imagined));
    let opened = opened(variables, providers, clock, rng)?;
    let options = plan::Options { refresh: false, ..Default::default() };
    let state = State::empty(opened.rng.uuid());
    let planned = block_on(async {
        plan(&opened.stack, state, &options, &Unobserved, Stop::default()).await
    })?;
    Ok((opened, planned.map_err(Trouble::Problems)?))
}

/// The region of the root's own provider, as far as variables and locals tell it.
pub fn region(stack: &Stack) -> Option<String> {
    let mut providers = stack.config.root().providers.values();
    let block = providers.find(|block| block.key.name == "aws" && block.key.alias.is_none())?;
    let expr = block.body.expr("region")?;
    let evaluator = Evaluator::new(
        stack.config.clone(),
        Purpose::Plan,
        stack.inputs.clone(),
        stack.outside.clone(),
    );
    for node in stack.graph.order() {
        match &node {
            Node::Variable(path, _) | Node::Local(path, _) if path.is_root() => {
                // What is wrong with them was told by the plan.
                let _ = evaluator.visit(&node);
            }
            _ => {}
        }
    }
    let value = evaluator.value(expr, &Default::default(), &Repetition::None, None).ok()?;
    Some(value.as_str()?.to_owned())
}
