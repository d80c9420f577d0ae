//! The whole way against a running Neargate: a configuration is applied, a second plan is
//! empty, and everything is destroyed. `NEARGATE_TEST_ENDPOINT` says where it runs; without
//! it the test says that it was skipped. With `NEARGATE_TEST_DIRECTORY` the configuration
//! and the state of that directory are planned instead, and nothing is changed: for a
//! comparison with what Terraform has applied there.

#![allow(clippy::unwrap_used)] // all of this is a test

use std::path::Path;
use std::sync::{Arc, Mutex};

use neargate_aws_client::Surroundings;
use neargate_hcl::Diagnostic;
use neargate_ids::{Clock, Rng};
use neargate_provider_aws::{Aws, SOURCE};
use neargate_stack::apply::{self, apply};
use neargate_stack::config::load;
use neargate_stack::graph::Graph;
use neargate_stack::plan::{Action, Options, Plan, PlanMode, plan};
use neargate_stack::provider::Providers;
use neargate_stack::run::{Stack, Stop, Unobserved};
use neargate_stack::state::State;
use neargate_stack::state::file::{StateFile, read};

fn stack(directory: &Path, endpoint: &str) -> Stack {
    let config = Arc::new(load(directory).map_err(told).unwrap());
    let graph = Graph::of(&config).map_err(told).unwrap();
    let surroundings = Surroundings::default();
    // Tokens that make a call happen once are new ones in each run.
    let (clock, seed) = (Clock::system(), Clock::system().wall().millis() as u64);
    let aws = Aws::new(surroundings, Some(endpoint.to_owned()), Rng::seeded(seed), clock);
    let providers = Providers::builtin(&Rng::seeded(2)).with(SOURCE, Arc::new(aws));
    let outside = Arc::new(neargate_hcl::Disk {
        directory: directory.to_owned(),
        home: None,
        now: None,
        planned_at: None,
        random: None,
    });
    Stack { config, graph, providers, inputs: Default::default(), outside }
}

fn told(problems: Vec<Diagnostic>) -> String {
    problems
        .iter()
        .map(|problem| format!("{}: {}", problem.summary, problem.detail))
        .collect::<Vec<_>>()
        .join("\n")
}

async fn planned(stack: &Stack, state: State, mode: PlanMode) -> Plan {
    let options = Options { mode, ..Options::default() };
    let made = plan(stack, state, &options, &Unobserved, Stop::default()).await;
    made.map_err(told).unwrap()
}

/// What a plan would do, a line for each change.
fn shown(plan: &Plan) -> String {
    let changes = plan.changes.iter().filter(|change| change.action != Action::NoOp);
    let line = |change: &neargate_stack::plan::ResourceChange| {
        format!("{:?} {}: {:?} -> {:?}", change.action, change.address, change.before, change.after)
    };
    changes.map(line).collect::<Vec<_>>().join("\n")
}

async fn applied(stack: &Stack, plan: Plan, path: &Path) -> State {
    let keeper = Mutex::new(StateFile::new(path, None));
    let around = apply::Surroundings {
        keeper: &keeper,
        observer: &Unobserved,
        stop: Stop::default(),
        clock: Clock::system(),
        rng: Rng::seeded(3),
        parallelism: 10,
    };
    let outcome = apply(stack, plan, &around).await;
    assert!(outcome.is_ok(), "{}", told(outcome.problems));
    outcome.state
}

#[tokio::test]
async fn applied_then_unchanged_then_destroyed() {
    let Ok(endpoint) = std::env::var("NEARGATE_TEST_ENDPOINT") else {
        eprintln!("SKIPPED: set NEARGATE_TEST_ENDPOINT to the address of a running Neargate");
        return;
    };
    if let Ok(directory) = std::env::var("NEARGATE_TEST_DIRECTORY") {
        let stack = stack(Path::new(&directory), &endpoint);
        let state = read(&Path::new(&directory).join("terraform.tfstate")).unwrap().unwrap();
        let plan = planned(&stack, state, PlanMode::Normal).await;
        assert_eq!(shown(&plan), "");
        return;
    }
    let directory = match std::env::var("NEARGATE_TEST_CONFIGURATION") {
        Ok(directory) => Path::new(&directory).to_owned(),
        Err(_) => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networking"),
    };
    let kept = tempfile::tempdir().unwrap();
    let path = kept.path().join("terraform.tfstate");
    let stack = stack(&directory, &endpoint);
    let first = planned(&stack, State::empty("test".into()), PlanMode::Normal).await;
    let state = applied(&stack, first, &path).await;
    if let Ok(copy) = std::env::var("NEARGATE_TEST_KEEP") {
        std::fs::copy(&path, copy).unwrap();
        return;
    }
    let second = planned(&stack, state.clone(), PlanMode::Normal).await;
    assert_eq!(shown(&second), "");
    let destroy = planned(&stack, state, PlanMode::Destroy).await;
    let state = applied(&stack, destroy, &path).await;
    assert!(state.resources.iter().all(|resource| resource.mode == "data"), "all is gone");
}
