//! What decides between leaving an object, changing it and making another: what is ignored, what was
//! triggered, what must hold.

use std::sync::Arc;

use neargate_hcl::references::{Part, reference};
use neargate_hcl::{Type, Value};

use super::{Action, Planner};
use crate::address::{Key, Resource, ResourceInstance};
use crate::config::{Condition, Ignored, ResourceDecl};
use crate::eval::Object as Checked;
use crate::eval::world::Repetition;
use crate::graph::references::key;
use crate::paths::{self, Path};
use crate::provider::Configured;
use crate::schema::{BlockSchema, Schema};

/// An instance as the configuration wants it.
pub struct Wanted<'a> {
    pub address: &'a ResourceInstance,
    pub decl: &'a ResourceDecl,
    pub schema: &'a Arc<Schema>,
    pub provider: &'a Arc<dyn Configured>,
    pub config: Value,
}

/// A value without its marks, to be compared.
pub fn plain(value: &Value) -> Value {
    value.clone().unmark_deep().0
}

/// The configuration, with the prior's values where changes are ignored.
pub fn ignoring(ignored: &Ignored, prior: &Value, config: &Value, block: &BlockSchema) -> Value {
    let paths: Vec<Path> = match ignored {
        Ignored::These(paths) => paths.clone(),
        Ignored::All => block
            .attributes
            .keys()
            .chain(block.blocks.keys())
            .map(|name| vec![neargate_hcl::convert::Step::Attribute(name.clone())])
            .collect(),
    };
    let mut config = config.clone();
    for path in paths {
        let before = paths::get(prior, &path).cloned();
        let (last, parent) = match path.split_last() {
            Some(split) => split,
            None => continue,
        };
        // An element of a map may be in one of the two only.
        config = paths::change(&config, parent, &|container| {
            with_entry(&container, last, before.clone())
        });
    }
    config
}

fn with_entry(
    container: &Value,
    step: &neargate_hcl::convert::Step,
    before: Option<Value>,
) -> Value {
    use neargate_hcl::Kind;
    use neargate_hcl::convert::Step;
    let marks = container.marks();
    match (container.kind(), step) {
        (Kind::Map(element, entries), Step::Key(name) | Step::Attribute(name)) => {
            let mut entries = (**entries).clone();
            match before {
                Some(value) => drop(entries.insert(name.clone(), value)),
                None => drop(entries.remove(name)),
            }
            Value::map(element.clone(), entries).with_marks(marks)
        }
        (Kind::Null(Type::Map(element)), Step::Key(name)) => match before {
            Some(value) => Value::map((**element).clone(), [(name.clone(), value)].into()),
            None => container.clone(),
        },
        _ => match before {
            Some(value) => paths::change(container, std::slice::from_ref(step), &|_| value.clone()),
            None => container.clone(),
        },
    }
}

impl Planner<'_> {
    /// Whether something that `replace_triggered_by` names is changed by this plan.
    pub(super) fn triggered(
        &self,
        address: &ResourceInstance,
        decl: &ResourceDecl,
        repetition: &Repetition,
    ) -> bool {
        decl.lifecycle.replace_triggered_by.iter().any(|expr| {
            let Some(reference) = reference(&expr.syntax) else { return false };
            let Some(Part::Attribute(name)) = reference.steps.first() else { return false };
            let resource = Resource::managed(&reference.root, name);
            let (wanted, rest) = match reference.steps.get(1) {
                Some(Part::Index(index)) => (Some(key(index)), &reference.steps[2..]),
                // An index that is evaluated is this instance's own: each.key, or count.index.
                Some(Part::Dynamic) => (own_key(address, repetition), &[][..]),
                _ => (None, &reference.steps[1..]),
            };
            let path = steps(rest);
            self.done().changes.iter().any(|change| {
                let named = change.address.module == address.module
                    && change.address.resource == resource
                    && wanted.as_ref().is_none_or(|key| *key == change.address.key);
                named && changes_at(change, &path)
            })
        })
    }

    /// Whether the conditions of an instance hold, as far as it is known; an error where not.
    pub(super) fn hold(
        &self,
        conditions: &[Condition],
        what: &str,
        address: &ResourceInstance,
        repetition: &Repetition,
        this: Option<&Value>,
    ) -> Result<(), ()> {
        let at = Checked {
            module: address.module.clone(),
            kind: "resource",
            what: format!("{}{}", address.resource, address.key),
        };
        let mut problems = Vec::new();
        let summary = format!("Resource {what} failed");
        self.run.evaluator.must_hold(
            conditions,
            (&summary, &at),
            (repetition, this),
            &mut problems,
        );
        let told = problems.into_iter().map(|problem| problem.of(address.to_string()));
        if self.run.tell(told) { Err(()) } else { Ok(()) }
    }
}

fn own_key(address: &ResourceInstance, repetition: &Repetition) -> Option<Key> {
    (*repetition != Repetition::None).then(|| address.key.clone())
}

fn steps(parts: &[Part]) -> Path {
    use neargate_hcl::convert::Step;
    let step = |part: &Part| match part {
        Part::Attribute(name) => Some(Step::Attribute(name.clone())),
        Part::Index(index) => match key(index) {
            Key::Index(index) => Some(Step::Index(index as usize)),
            Key::Name(name) => Some(Step::Key(name)),
            Key::None => None,
        },
        Part::Dynamic => None,
    };
    parts.iter().map_while(step).collect()
}

fn changes_at(change: &super::ResourceChange, path: &Path) -> bool {
    if path.is_empty() {
        return change.action == Action::Update || change.action.replaces();
    }
    let at = |value: &Option<Value>| value.as_ref().and_then(|v| paths::get(v, path)).map(plain);
    change.action != Action::NoOp && at(&change.before) != at(&change.after)
}
