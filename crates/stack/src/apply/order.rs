//! What must be done before what. Values and creations go by the graph of the configuration;
//! destructions by what the state says depended on what.
//!
//! - Whoever needs something is destroyed before it.
//! - What is replaced is destroyed before it is made anew; or, with `create_before_destroy`, after it
//!   and everything that needs it was made or changed.
//! - What is destroyed goes before what it needed changes, where nothing else forbids it.

use std::collections::{BTreeMap, BTreeSet};

use super::Applier;
use crate::address::{ConfigResource, ResourceInstance};
use crate::graph::{Graph, Node};
use crate::plan::{Action, PlanMode, ResourceChange};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Node(Node),
    /// An object, by the key under which it is deposed, if it is.
    Destroy(ResourceInstance, Option<String>),
}

type Needs = BTreeMap<Step, BTreeSet<Step>>;

pub fn steps(applier: &Applier<'_>, included: Option<&BTreeSet<Node>>) -> Needs {
    let stack = applier.run.stack;
    let mut needs: Needs = BTreeMap::new();
    if applier.plan.mode != PlanMode::Destroy {
        for (node, needed) in &stack.graph.needs {
            if included.is_none_or(|nodes| nodes.contains(node)) {
                let needed = needed.iter().cloned().map(Step::Node).collect();
                needs.insert(Step::Node(node.clone()), needed);
            }
        }
    }
    let destroyed: Vec<&ResourceChange> =
        applier.changes.values().filter(|c| destroys(c)).collect();
    let mut by_config: BTreeMap<String, Vec<&ResourceChange>> = BTreeMap::new();
    for change in &destroyed {
        needs.entry(step(change)).or_default();
        by_config.entry(change.address.config().to_string()).or_default().push(change);
    }
    let dependencies: BTreeMap<Step, Vec<String>> =
        destroyed.iter().map(|change| (step(change), dependencies(applier, change))).collect();
    for change in &destroyed {
        for dependency in &dependencies[&step(change)] {
            for other in by_config.get(dependency).into_iter().flatten() {
                if other.address != change.address {
                    needs.entry(step(other)).or_default().insert(step(change));
                }
            }
        }
    }
    if applier.plan.mode != PlanMode::Destroy {
        for change in &destroyed {
            beside_creation(&stack.graph, change, &mut needs);
        }
        for change in destroyed.iter().filter(|change| change.action == Action::Delete) {
            before_changes(applier, change, &dependencies[&step(change)], &mut needs);
        }
    }
    needs
}

pub fn destroys(change: &ResourceChange) -> bool {
    matches!(change.action, Action::Delete | Action::Forget) || change.action.replaces()
}

pub fn step(change: &ResourceChange) -> Step {
    Step::Destroy(change.address.clone(), change.deposed.clone())
}

/// What the state says that an object needed.
fn dependencies(applier: &Applier<'_>, change: &ResourceChange) -> Vec<String> {
    let state = applier.run.state();
    let deposed = change.deposed.as_deref().unwrap_or_default();
    state
        .object(&change.address, deposed)
        .map(|object| object.dependencies.clone())
        .unwrap_or_default()
}

fn beside_creation(graph: &Graph, change: &ResourceChange, needs: &mut Needs) {
    let config = change.address.config();
    let own = Step::Node(Node::Resource(config.clone()));
    match change.action {
        Action::DeleteThenCreate => {
            needs.entry(own).or_default().insert(step(change));
        }
        Action::CreateThenDelete => {
            let users: Vec<Step> = users(graph, &config)
                .into_iter()
                .map(|user| Step::Node(Node::Resource(user)))
                .filter(|user| needs.contains_key(user))
                .collect();
            let entry = needs.entry(step(change)).or_default();
            entry.insert(own);
            entry.extend(users);
        }
        _ => {}
    }
}

/// The resources that need a resource, directly or not.
fn users(graph: &Graph, config: &ConfigResource) -> Vec<ConfigResource> {
    let mut reached: BTreeSet<Node> = BTreeSet::from([Node::Resource(config.clone())]);
    for node in graph.order() {
        if graph.needs.get(&node).into_iter().flatten().any(|needed| reached.contains(needed)) {
            reached.insert(node);
        }
    }
    reached
        .into_iter()
        .filter_map(|node| match node {
            Node::Resource(resource) if resource != *config => Some(resource),
            _ => None,
        })
        .collect()
}

/// What is gone for good goes before what it needed is changed: a subnet's last interface before the
/// subnet. Not where the configuration's own order says otherwise.
fn before_changes(
    applier: &Applier<'_>,
    change: &ResourceChange,
    dependencies: &[String],
    needs: &mut Needs,
) {
    let gone = step(change);
    for other in applier.changes.values() {
        let config = other.address.config();
        if other.action == Action::NoOp || !dependencies.contains(&config.to_string()) {
            continue;
        }
        let node = Step::Node(Node::Resource(config));
        if needs.contains_key(&node) && !reaches(needs, &gone, &node) {
            needs.entry(node).or_default().insert(gone.clone());
        }
    }
}

/// Whether a step needs another, directly or not.
fn reaches(needs: &Needs, from: &Step, to: &Step) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(step) = next.pop() {
        if step == to {
            return true;
        }
        if seen.insert(step) {
            next.extend(needs.get(step).into_iter().flatten());
        }
    }
    false
}
