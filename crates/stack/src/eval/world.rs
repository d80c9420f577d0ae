//! The values that are known so far: of every module instance its variables, locals, outputs and
//! resources, and how often each call and resource is made.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use neargate_hcl::{Type, Value};

use crate::address::{Key, ModuleInstance, ModulePath, Resource};
use crate::config::Config;

/// How often a call or resource is made.
#[derive(Clone, Debug, PartialEq)]
pub enum Expansion {
    Single,
    Count(u64),
    Each(BTreeMap<String, Value>),
    /// Only while nothing is planned yet: `count`, or else `for_each`, is not known.
    Unknown {
        count: bool,
    },
}

/// What `count.index`, or `each`, is in one instance.
#[derive(Clone, Debug, PartialEq)]
pub enum Repetition {
    None,
    Count(Value),
    Each(Value, Value),
}

impl Expansion {
    /// How many instances there are.
    pub fn count(&self) -> u64 {
        match self {
            Expansion::Single | Expansion::Unknown { .. } => 1,
            Expansion::Count(count) => *count,
            Expansion::Each(each) => each.len() as u64,
        }
    }

    /// The instances, each with what its expressions may say of it.
    pub fn instances(&self) -> Vec<(Key, Repetition)> {
        match self {
            Expansion::Single => vec![(Key::None, Repetition::None)],
            Expansion::Count(count) => (0..*count)
                .map(|index| (Key::Index(index), Repetition::Count(Value::number(index as i64))))
                .collect(),
            Expansion::Each(each) => each
                .iter()
                .map(|(name, value)| {
                    let key = Value::string(name.as_str());
                    (Key::Name(name.clone()), Repetition::Each(key, value.clone()))
                })
                .collect(),
            Expansion::Unknown { count: true } => {
                vec![(Key::None, Repetition::Count(Value::unknown(Type::Number)))]
            }
            Expansion::Unknown { count: false } => {
                let value = Value::unknown(Type::Dynamic);
                vec![(Key::None, Repetition::Each(Value::unknown(Type::String), value))]
            }
        }
    }

    /// The values of all instances as the one value that their name stands for.
    pub fn together(&self, mut values: BTreeMap<Key, Value>) -> Value {
        match self {
            Expansion::Single => {
                values.remove(&Key::None).unwrap_or_else(|| Value::unknown(Type::Dynamic))
            }
            Expansion::Count(count) => Value::tuple((0..*count).map(|index| {
                values.remove(&Key::Index(index)).unwrap_or_else(|| Value::unknown(Type::Dynamic))
            })),
            Expansion::Each(each) => Value::object(each.keys().map(|name| {
                let value = values.remove(&Key::Name(name.clone()));
                (name.clone(), value.unwrap_or_else(|| Value::unknown(Type::Dynamic)))
            })),
            Expansion::Unknown { .. } => Value::unknown(Type::Dynamic),
        }
    }
}

/// Of one module instance.
#[derive(Clone, Debug, Default)]
pub struct ModuleValues {
    pub variables: BTreeMap<String, Value>,
    pub locals: BTreeMap<String, Value>,
    pub outputs: BTreeMap<String, Value>,
    /// Each with all of its instances in one value.
    pub resources: HashMap<Resource, Value>,
    /// How often its calls are made.
    pub calls: BTreeMap<String, Expansion>,
}

#[derive(Clone, Debug)]
pub struct World {
    pub config: Arc<Config>,
    modules: BTreeMap<ModuleInstance, ModuleValues>,
    /// What `path.cwd` is.
    pub cwd: String,
    /// Whether this is an apply.
    pub applying: bool,
}

impl World {
    pub fn new(config: Arc<Config>, cwd: String, applying: bool) -> World {
        let modules = BTreeMap::from([(ModuleInstance::default(), ModuleValues::default())]);
        World { config, modules, cwd, applying }
    }

    pub fn module(&self, at: &ModuleInstance) -> Option<&ModuleValues> {
        self.modules.get(at)
    }

    pub fn module_mut(&mut self, at: &ModuleInstance) -> &mut ModuleValues {
        self.modules.entry(at.clone()).or_default()
    }

    /// How many module instances there are, the root among them.
    pub fn modules(&self) -> u64 {
        self.modules.len() as u64
    }

    /// Notes how often a call is made in one instance of the module that makes it.
    pub fn expand_call(&mut self, parent: &ModuleInstance, name: &str, expansion: Expansion) {
        for (key, _) in expansion.instances() {
            self.modules.entry(parent.child(name, key)).or_default();
        }
        self.module_mut(parent).calls.insert(name.to_owned(), expansion);
    }

    /// All instances of a module, each with the repetition of its own call.
    pub fn instances(&self, path: &ModulePath) -> Vec<(ModuleInstance, Repetition)> {
        let mut found = vec![(ModuleInstance::default(), Repetition::None)];
        for name in &path.0 {
            let mut next = Vec::new();
            for (parent, _) in found {
                let Some(expansion) = self.module(&parent).and_then(|m| m.calls.get(name)) else {
                    continue;
                };
                for (key, repetition) in expansion.instances() {
                    next.push((parent.child(name, key), repetition));
                }
            }
            found = next;
        }
        found
    }
}
