//! The nodes of the graph that are values: each is evaluated once for every instance of its module.

use neargate_hcl::{Diagnostic, Type, Value, convert};

use super::Evaluator;
use super::conditions::Object;
use super::expand::MOST_MODULES;
use super::world::Repetition;
use crate::address::{ModuleInstance, ModulePath};
use crate::config::Variable;
use crate::config::syntax::place;
use crate::graph::Node;
use crate::schema::decode::told;

impl Evaluator {
    /// Evaluates a node that is a value, and tells what is wrong with it. Resources, providers and
    /// checks are left to the caller.
    pub fn visit(&self, node: &Node) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        match node {
            Node::Call(path) => self.visit_call(path, &mut problems),
            Node::Variable(path, name) => self.visit_variable(path, name, &mut problems),
            Node::Local(path, name) => self.visit_local(path, name, &mut problems),
            Node::Output(path, name) => self.visit_output(path, name, &mut problems),
            Node::Check(..) | Node::Provider(..) | Node::Resource(_) | Node::Close(_) => {}
        }
        problems
    }

    fn instances(&self, path: &ModulePath) -> Vec<(ModuleInstance, Repetition)> {
        self.world().instances(path)
    }

    fn visit_call(&self, path: &ModulePath, problems: &mut Vec<Diagnostic>) {
        let (Some((parent, name)), Some(call)) = (path.parent(), self.config.call_of(path)) else {
            return;
        };
        for (module, _) in self.instances(&parent) {
            match self.expansion(call.count.as_ref(), call.for_each.as_ref(), &module) {
                Ok(expansion) if self.world().modules() + expansion.count() > MOST_MODULES => {
                    let detail = format!(
                        "All calls together make at most {MOST_MODULES} instances of modules."
                    );
                    problems
                        .push(Diagnostic::error("Too many modules", detail).at(call.range.clone()));
                    return;
                }
                Ok(expansion) => self.world().expand_call(&module, name, expansion),
                Err(error) => problems.push(error),
            }
        }
    }

    fn visit_variable(&self, path: &ModulePath, name: &str, problems: &mut Vec<Diagnostic>) {
        let Some(variable) = self.config.modules.get(path).and_then(|m| m.variables.get(name))
        else {
            return;
        };
        for (module, repetition) in self.instances(path) {
            let value = match self.input(variable, &module, &repetition) {
                Ok(value) => value,
                Err(error) => {
                    problems.push(error);
                    Value::unknown(variable.ty.without_optional())
                }
            };
            let value = if variable.sensitive { value.sensitive() } else { value };
            self.world().module_mut(&module).variables.insert(name.to_owned(), value);
            self.validate_variable(variable, &module, problems);
        }
    }

    /// A variable's value in one instance: what its caller gives, or its default.
    fn input(
        &self,
        variable: &Variable,
        module: &ModuleInstance,
        repetition: &Repetition,
    ) -> Result<Value, Diagnostic> {
        let name = &variable.name;
        let Some((parent, _)) = module.parent() else {
            let unknown = || Value::unknown(variable.ty.without_optional());
            return Ok(self.inputs.get(name).cloned().unwrap_or_else(unknown));
        };
        let call = self.config.call_of(&module.path());
        let default = || variable.default.clone();
        let Some(expr) = call.and_then(|call| call.inputs.expr(name)) else {
            return Ok(default().unwrap_or_else(|| Value::unknown(Type::Dynamic)));
        };
        let given = self.value(expr, &parent, repetition, None)?;
        if given.is_null() && !variable.nullable {
            return default().ok_or_else(|| {
                expr.error(
                    "Required variable not set",
                    format!(
                        "The given value is not suitable for child module variable {name:?} defined at {}: required variable may not be set to null.",
                        place(&variable.range)
                    ),
                )
            });
        }
        convert(&given, &variable.ty).map_err(|error| {
            expr.error(
                "Invalid value for input variable",
                format!(
                    "The given value is not suitable for child module variable {name:?} defined at {}: {}.",
                    place(&variable.range),
                    told(&error)
                ),
            )
        })
    }

    fn visit_local(&self, path: &ModulePath, name: &str, problems: &mut Vec<Diagnostic>) {
        let Some(expr) = self.config.modules.get(path).and_then(|m| m.locals.get(name)) else {
            return;
        };
        for (module, _) in self.instances(path) {
            let value =
                self.value(expr, &module, &Repetition::None, None).unwrap_or_else(|error| {
                    problems.push(error);
                    Value::unknown(Type::Dynamic)
                });
            self.world().module_mut(&module).locals.insert(name.to_owned(), value);
        }
    }

    fn visit_output(&self, path: &ModulePath, name: &str, problems: &mut Vec<Diagnostic>) {
        let Some(output) = self.config.modules.get(path).and_then(|m| m.outputs.get(name)) else {
            return;
        };
        for (module, _) in self.instances(path) {
            let at = Object {
                module: module.clone(),
                kind: "output_value",
                what: format!("output.{name}"),
            };
            let holds = self.must_hold(
                &output.preconditions,
                ("Module output value precondition failed", &at),
                (&Repetition::None, None),
                problems,
            );
            if !holds {
                continue;
            }
            let value = match self.value(&output.value, &module, &Repetition::None, None) {
                Ok(value) => value,
                Err(error) => {
                    problems.push(error);
                    Value::unknown(Type::Dynamic)
                }
            };
            if module.is_root()
                && !output.sensitive
                && value.marks_deep().contains(neargate_hcl::Marks::SENSITIVE)
            {
                problems.push(
                    Diagnostic::error(
                        "Output refers to sensitive values",
                        "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, Terraform requires that any root module output containing sensitive data be explicitly marked as sensitive, to confirm your intent.\n\nIf you do intend to export this data, annotate the output value as sensitive by adding the following argument:\n    sensitive = true",
                    )
                    .at(output.range.clone()),
                );
            }
            let value = if output.sensitive { value.sensitive() } else { value };
            self.world().module_mut(&module).outputs.insert(name.to_owned(), value);
        }
    }
}
