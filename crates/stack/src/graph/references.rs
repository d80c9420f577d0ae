//! What an expression names: each reference as the declaration that it means, or why there is none.

use neargate_hcl::references::{Index, Part, Reference, references};
use neargate_hcl::{Diagnostic, Range, nearest};

use super::Node;
use crate::address::{ConfigResource, Mode, ModulePath, Resource};
use crate::config::syntax::{Body, Expr, in_context};
use crate::config::{Config, Module};

/// Names that mean no declaration.
const OTHER_ROOTS: [&str; 6] = ["each", "count", "self", "path", "terraform", "template"];

/// What a module's expressions may name.
pub struct Names<'a> {
    pub config: &'a Config,
    pub path: &'a ModulePath,
    pub module: &'a Module,
}

impl Names<'_> {
    /// The nodes that an expression needs, without the names that `declared` gives it.
    pub fn of(
        &self,
        expr: &Expr,
        declared: &[String],
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Node> {
        let mut found = Vec::new();
        for reference in references(&expr.syntax) {
            if declared.contains(&reference.root) {
                continue;
            }
            match self.nodes(&reference) {
                Ok(nodes) => found.extend(nodes),
                Err(error) => {
                    let at = Range::new(&expr.source, reference.span.clone());
                    problems.push(in_context(error.at(at), &expr.context));
                }
            }
        }
        found
    }

    /// Of all expressions of a body, with its dynamic blocks.
    pub fn of_body(
        &self,
        body: &Body,
        declared: &[String],
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<Node> {
        let mut found = Vec::new();
        for attribute in &body.attributes {
            found.extend(self.of(&attribute.expr, declared, problems));
        }
        for block in &body.blocks {
            if block.kind != "dynamic" {
                found.extend(self.of_body(&block.body, declared, problems));
                continue;
            }
            let mut inner = declared.to_vec();
            inner.push(match block.body.expr("iterator") {
                Some(expr) => expr.text(),
                None => block.label(0).to_owned(),
            });
            if let Some(for_each) = block.body.expr("for_each") {
                found.extend(self.of(for_each, declared, problems));
            }
            for content in block.body.blocks_of("content") {
                found.extend(self.of_body(&content.body, &inner, problems));
            }
        }
        found
    }

    /// The nodes that one reference needs.
    pub fn nodes(&self, reference: &Reference) -> Result<Vec<Node>, Diagnostic> {
        let names = reference.names();
        let root = reference.root.as_str();
        match (root, names.as_slice()) {
            ("var", [name, ..]) => self.variable(name),
            ("local", [name, ..]) => self.local(name),
            ("module", [name, ..]) => self.call(name, reference),
            ("data", [of_type, name, ..]) => self.resource(Resource::data(of_type, name)),
            ("var" | "local" | "module" | "data", _) => Err(Diagnostic::error(
                "Invalid reference",
                format!(
                    "The {root:?} object cannot be accessed directly. Instead, access one of its attributes."
                ),
            )),
            (root, _) if OTHER_ROOTS.contains(&root) => Ok(Vec::new()),
            ("ephemeral", _) => Err(Diagnostic::error(
                "Ephemeral resources are not supported",
                "Neargate has no ephemeral resources yet.",
            )),
            (of_type, [name, ..]) => self.resource(Resource::managed(of_type, name)),
            _ => Err(Diagnostic::error(
                "Invalid reference",
                "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.",
            )),
        }
    }

    fn variable(&self, name: &str) -> Result<Vec<Node>, Diagnostic> {
        if self.module.variables.contains_key(name) {
            return Ok(vec![Node::Variable(self.path.clone(), name.to_owned())]);
        }
        let hint = match nearest(name, self.module.variables.keys().map(String::as_str)) {
            Some(near) => format!(" Did you mean {near:?}?"),
            None => format!(" This variable can be declared with a variable {name:?} {{}} block."),
        };
        Err(Diagnostic::error(
            "Reference to undeclared input variable",
            format!("An input variable with the name {name:?} has not been declared.{hint}"),
        ))
    }

    fn local(&self, name: &str) -> Result<Vec<Node>, Diagnostic> {
        if self.module.locals.contains_key(name) {
            return Ok(vec![Node::Local(self.path.clone(), name.to_owned())]);
        }
        let hint = nearest(name, self.module.locals.keys().map(String::as_str))
            .map(|near| format!(" Did you mean {near:?}?"))
            .unwrap_or_default();
        Err(Diagnostic::error(
            "Reference to undeclared local value",
            format!("A local value with the name {name:?} has not been declared.{hint}"),
        ))
    }

    fn resource(&self, resource: Resource) -> Result<Vec<Node>, Diagnostic> {
        if self.module.resources.contains_key(&resource) {
            let at = ConfigResource { module: self.path.clone(), resource };
            return Ok(vec![Node::Resource(at)]);
        }
        let kind = if resource.mode == Mode::Data { "data" } else { "managed" };
        let of_type = self
            .module
            .resources
            .keys()
            .filter(|other| other.mode == resource.mode && other.of_type == resource.of_type);
        let hint = nearest(&resource.name, of_type.map(|other| other.name.as_str()))
            .map(|near| format!(" Did you mean {near:?}?"))
            .unwrap_or_default();
        Err(Diagnostic::error(
            "Reference to undeclared resource",
            format!(
                "A {kind} resource {:?} {:?} has not been declared in {}.{hint}",
                resource.of_type,
                resource.name,
                self.module_name()
            ),
        ))
    }

    fn call(&self, name: &str, reference: &Reference) -> Result<Vec<Node>, Diagnostic> {
        if !self.module.calls.contains_key(name) {
            let hint = nearest(name, self.module.calls.keys().map(String::as_str))
                .map(|near| format!(" Did you mean {near:?}?"))
                .unwrap_or_default();
            return Err(Diagnostic::error(
                "Reference to undeclared module",
                format!(
                    "No module call named {name:?} is declared in {}.{hint}",
                    self.module_name()
                ),
            ));
        }
        let child = self.path.child(name);
        let Some(module) = self.config.modules.get(&child) else { return Ok(Vec::new()) };
        let mut nodes = vec![Node::Call(child.clone())];
        let output = match &reference.steps[1..] {
            [Part::Attribute(output), ..] | [Part::Index(_), Part::Attribute(output), ..] => output,
            // All of the module's outputs are meant.
            _ => {
                nodes.extend(module.outputs.keys().map(|o| Node::Output(child.clone(), o.clone())));
                return Ok(nodes);
            }
        };
        if !module.outputs.contains_key(output) {
            let hint = nearest(output, module.outputs.keys().map(String::as_str))
                .map(|near| format!(" Did you mean {near:?}?"))
                .unwrap_or_default();
            return Err(Diagnostic::error(
                "Unsupported attribute",
                format!("This object does not have an attribute named {output:?}.{hint}"),
            ));
        }
        nodes.push(Node::Output(child, output.clone()));
        Ok(nodes)
    }

    fn module_name(&self) -> String {
        if self.path.is_root() { "the root module".to_owned() } else { self.path.to_string() }
    }

    /// What an item of `depends_on` needs: of a module, all that is in it.
    pub fn dependency(&self, expr: &Expr, problems: &mut Vec<Diagnostic>) -> Vec<Node> {
        let Some(reference) = neargate_hcl::references::reference(&expr.syntax) else {
            problems.push(expr.error(
                "Invalid expression",
                "A single static variable reference is required: only attribute access and indexing with constant keys. No calculations, function calls, template expressions, etc are allowed here.",
            ));
            return Vec::new();
        };
        if reference.root == "module"
            && let [name, ..] = reference.names().as_slice()
            && self.module.calls.contains_key(*name)
        {
            return vec![Node::Close(self.path.child(name))];
        }
        self.nodes(&reference).unwrap_or_else(|error| {
            problems.push(in_context(error.at(expr.range()), &expr.context));
            Vec::new()
        })
    }
}

/// The key of an index that is written out.
pub fn key(index: &Index) -> crate::address::Key {
    match index {
        Index::Key(name) => crate::address::Key::Name(name.clone()),
        Index::Number(number) => crate::address::Key::Index(*number),
    }
}
