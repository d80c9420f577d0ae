//! What the names in an expression of one module instance stand for.

use neargate_hcl::scope::{Outside, Scope};
use neargate_hcl::{Diagnostic, Type, Value};

use super::world::{Expansion, ModuleValues, Repetition, World};
use crate::address::{Key, ModuleInstance, Resource};

pub struct ModuleScope<'a> {
    pub world: &'a World,
    pub module: &'a ModuleInstance,
    pub repetition: &'a Repetition,
    /// The object whose postcondition this is.
    pub this: Option<&'a Value>,
    pub outside: &'a dyn Outside,
}

type Resolved = Result<(Value, usize), Diagnostic>;

impl Scope for ModuleScope<'_> {
    fn resolve(&self, root: &str, steps: &[&str]) -> Resolved {
        let known = |value: Option<&Value>, used: usize| {
            Ok((value.cloned().unwrap_or_else(|| Value::unknown(Type::Dynamic)), used))
        };
        let values = self.world.module(self.module);
        match (root, steps) {
            ("var", [name, ..]) => known(values.and_then(|v| v.variables.get(*name)), 1),
            ("local", [name, ..]) => known(values.and_then(|v| v.locals.get(*name)), 1),
            ("module", [name, rest @ ..]) => self.call(name, rest),
            ("data", [of_type, name, ..]) => {
                known(values.and_then(|v| resource(v, Resource::data(of_type, name))), 2)
            }
            ("each", _) => self.each(steps),
            ("count", _) => self.count(steps),
            ("self", _) => match self.this {
                Some(value) => Ok((value.clone(), 0)),
                None => Err(Diagnostic::error(
                    "Invalid \"self\" reference",
                    "The \"self\" object is not available in this context. This object can be used only in resource provisioner, connection, and postcondition blocks.",
                )),
            },
            ("path", _) => self.path(steps),
            ("terraform", [name, ..]) => self.terraform(name),
            ("var" | "local" | "module" | "data" | "terraform", _) => Err(Diagnostic::error(
                "Invalid reference",
                format!(
                    "The {root:?} object cannot be accessed directly. Instead, access one of its attributes."
                ),
            )),
            (of_type, [name, ..]) => {
                known(values.and_then(|v| resource(v, Resource::managed(of_type, name))), 1)
            }
            _ => Err(Diagnostic::error(
                "Invalid reference",
                "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.",
            )),
        }
    }

    fn outside(&self) -> &dyn Outside {
        self.outside
    }
}

fn resource(values: &ModuleValues, at: Resource) -> Option<&Value> {
    values.resources.get(&at)
}

impl ModuleScope<'_> {
    /// A module's outputs; of one that is made once, only the output that is asked for.
    fn call(&self, name: &str, rest: &[&str]) -> Resolved {
        let unknown = || Value::unknown(Type::Dynamic);
        let calls = self.world.module(self.module).map(|values| &values.calls);
        let Some(expansion) = calls.and_then(|calls| calls.get(name)) else {
            return Ok((unknown(), 1));
        };
        let outputs =
            |key: Key| self.world.module(&self.module.child(name, key)).map(|m| &m.outputs);
        if let (Expansion::Single, Some(output)) = (expansion, rest.first()) {
            let value = outputs(Key::None).and_then(|outputs| outputs.get(*output));
            return Ok((value.cloned().unwrap_or_else(unknown), 2));
        }
        let path = self.module.path().child(name);
        let declared = self.world.config.modules.get(&path);
        let object = |key: Key| {
            let known = outputs(key);
            Value::object(declared.iter().flat_map(|module| module.outputs.keys()).map(|output| {
                let value = known.and_then(|outputs| outputs.get(output));
                (output.clone(), value.cloned().unwrap_or_else(unknown))
            }))
        };
        let keys = expansion.instances().into_iter().map(|(key, _)| key);
        Ok((expansion.together(keys.map(|key| (key.clone(), object(key))).collect()), 1))
    }

    fn each(&self, steps: &[&str]) -> Resolved {
        let Repetition::Each(key, value) = self.repetition else {
            return Err(Diagnostic::error(
                "Reference to \"each\" in context without for_each",
                "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.",
            ));
        };
        match steps.first() {
            Some(&"key") => Ok((key.clone(), 1)),
            Some(&"value") => Ok((value.clone(), 1)),
            _ => Err(Diagnostic::error(
                "Invalid \"each\" attribute",
                "The \"each\" object has the attributes \"key\" and \"value\" only.",
            )),
        }
    }

    fn count(&self, steps: &[&str]) -> Resolved {
        match (self.repetition, steps.first()) {
            (Repetition::Count(index), Some(&"index")) => Ok((index.clone(), 1)),
            (Repetition::Count(_), _) => Err(Diagnostic::error(
                "Invalid \"count\" attribute",
                "The \"count\" object does not have an attribute of that name. The only supported attribute is count.index, which is the index of each instance of a resource block that has the \"count\" argument set.",
            )),
            _ => Err(Diagnostic::error(
                "Reference to \"count\" in non-counted context",
                "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \"count\" argument is set.",
            )),
        }
    }

    fn path(&self, steps: &[&str]) -> Resolved {
        let text = match steps.first() {
            Some(&"module") => {
                let shown = self.world.config.modules.get(&self.module.path());
                shown.map_or(".", |module| module.shown.as_str()).to_owned()
            }
            Some(&"root") => ".".to_owned(),
            Some(&"cwd") => self.world.cwd.clone(),
            _ => {
                return Err(Diagnostic::error(
                    "Invalid \"path\" attribute",
                    "The \"path\" object has the attributes \"cwd\", \"module\" and \"root\" only.",
                ));
            }
        };
        Ok((Value::string(text), 1))
    }

    fn terraform(&self, name: &str) -> Resolved {
        match name {
            "workspace" => Ok((Value::string("default"), 1)),
            "applying" => Ok((Value::bool(self.world.applying), 1)),
            _ => Err(Diagnostic::error(
                "Invalid \"terraform\" attribute",
                format!(
                    "The \"terraform\" object does not have an attribute named {name:?}. The only supported attribute is terraform.workspace, the name of the currently-selected workspace."
                ),
            )),
        }
    }
}
