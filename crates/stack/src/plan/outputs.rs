//! The root's outputs, as they were and as they will be.

use std::collections::BTreeMap;

use neargate_hcl::{Marks, Value};

use super::decide::plain;
use super::{Action, PlanMode, Planner};
use crate::address::ModuleInstance;
use crate::graph::Node;
use crate::state::State;
use crate::state::outputs::value as value_of;

#[derive(Clone, Debug)]
pub struct OutputChange {
    pub action: Action,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub sensitive: bool,
}

impl Planner<'_> {
    pub(super) fn outputs(&self, prior: &State) -> BTreeMap<String, OutputChange> {
        let mut changes = BTreeMap::new();
        let world = self.run.evaluator.world();
        let root = ModuleInstance::default();
        let values = world.module(&root).map(|m| m.outputs.clone()).unwrap_or_default();
        let destroy = self.options.mode == PlanMode::Destroy;
        for name in self.run.stack.config.root().outputs.keys() {
            let node = Node::Output(Default::default(), name.clone());
            let looked_at = self.included.as_ref().is_none_or(|nodes| nodes.contains(&node));
            if !looked_at || (destroy && !self.options.targets.is_empty()) {
                continue;
            }
            let before = prior.outputs.get(name).and_then(value_of);
            let after = values.get(name).filter(|value| !value.is_null() && !destroy).cloned();
            let hides = |value: &Option<Value>| {
                value.as_ref().is_some_and(|v| v.marks_deep().contains(Marks::SENSITIVE))
            };
            let sensitive = hides(&before) || hides(&after);
            let action = match (&before, &after) {
                (None, None) => continue,
                (None, Some(_)) => Action::Create,
                (Some(_), None) => Action::Delete,
                (Some(before), Some(after)) if plain(before) == plain(after) => Action::NoOp,
                (Some(_), Some(_)) => Action::Update,
            };
            changes.insert(name.clone(), OutputChange { action, before, after, sensitive });
        }
        for (name, output) in &prior.outputs {
            if !self.run.stack.config.root().outputs.contains_key(name)
                && self.options.targets.is_empty()
            {
                let before = value_of(output);
                let sensitive = output.sensitive;
                let change =
                    OutputChange { action: Action::Delete, before, after: None, sensitive };
                changes.insert(name.clone(), change);
            }
        }
        changes
    }
}
