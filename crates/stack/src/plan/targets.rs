//! `-target`: only what is named, with what it needs; for a destroy, with what needs it.

use std::collections::BTreeSet;

use super::{Options, PlanMode, Planner};
use crate::address::{ConfigResource, ResourceInstance, Target};
use crate::graph::Node;
use crate::run::Stack;

/// The nodes that targets leave; none: all are left.
pub fn included(stack: &Stack, options: &Options) -> Option<BTreeSet<Node>> {
    if options.targets.is_empty() || options.mode == PlanMode::Destroy {
        return None;
    }
    let mut found = BTreeSet::new();
    for node in stack.graph.needs.keys() {
        if let Node::Resource(resource) = node
            && options.targets.iter().any(|target| names(target, resource))
        {
            found.extend(stack.graph.closure(node));
            found.insert(node.clone());
        }
    }
    // Outputs that need nothing else are known all the same.
    for node in stack.graph.needs.keys() {
        if matches!(node, Node::Output(path, _) if path.is_root()) {
            let closure = stack.graph.closure(node);
            let resources = closure.iter().filter(|n| matches!(n, Node::Resource(_)));
            let mut any = false;
            let all = resources.inspect(|_| any = true).all(|n| found.contains(n));
            if all && any {
                found.extend(closure);
                found.insert(node.clone());
            }
        }
    }
    Some(found)
}

fn names(target: &Target, resource: &ConfigResource) -> bool {
    let path = target.module.path();
    let module = resource.module.0.starts_with(&path.0);
    match &target.resource {
        None => module,
        Some(wanted) => path == resource.module && *wanted == resource.resource,
    }
}

impl Planner<'_> {
    /// Whether something that is in the state only is meant.
    pub(super) fn is_targeted(&self, address: &ResourceInstance) -> bool {
        if self.options.targets.is_empty() {
            return true;
        }
        let targets = &self.options.targets;
        if targets.iter().any(|target| target.covers(address)) {
            return true;
        }
        // Whoever needs what is destroyed goes first.
        if self.options.mode != PlanMode::Destroy {
            return false;
        }
        let stack = self.run.stack;
        let before = stack.graph.resources_before(&address.config());
        before.iter().any(|resource| targets.iter().any(|target| names(target, resource)))
    }
}
