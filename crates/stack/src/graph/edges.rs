//! The edges: a walk over everything that is declared, with what each of it names.

use std::collections::BTreeSet;

use neargate_hcl::Diagnostic;

use super::references::Names;
use super::{Graph, Node};
use crate::address::{ConfigResource, ModulePath, Resource};
use crate::config::{Condition, Config, Module, ProviderKey, ResourceDecl};

pub fn of(config: &Config, problems: &mut Vec<Diagnostic>) -> Graph {
    let mut graph = Graph::default();
    for (path, module) in &config.modules {
        let names = Names { config, path, module };
        let mut edges = Edges { graph: &mut graph, names, path, module, problems };
        edges.call();
        edges.variables();
        edges.values();
        edges.providers();
        edges.resources();
        edges.checks();
        edges.close();
    }
    // What nothing is said about needs nothing: every node that is needed is there.
    let needed: BTreeSet<Node> = graph.needs.values().flatten().cloned().collect();
    for node in needed {
        graph.needs.entry(node).or_default();
    }
    graph
}

struct Edges<'a> {
    graph: &'a mut Graph,
    names: Names<'a>,
    path: &'a ModulePath,
    module: &'a Module,
    problems: &'a mut Vec<Diagnostic>,
}

impl Edges<'_> {
    fn add(&mut self, node: Node, needs: impl IntoIterator<Item = Node>) {
        let entry = self.graph.needs.entry(node).or_default();
        entry.extend(needs);
        if !self.path.is_root() {
            entry.insert(Node::Call(self.path.clone()));
        }
    }

    /// The module's own call, whose expressions are its parent's.
    fn call(&mut self) {
        let Some((parent, _)) = self.path.parent() else { return };
        let (Some(outer), Some(call)) =
            (self.names.config.modules.get(&parent), self.names.config.call_of(self.path))
        else {
            return;
        };
        let names = Names { config: self.names.config, path: &parent, module: outer };
        let mut needs = Vec::new();
        for expr in call.count.iter().chain(&call.for_each) {
            needs.extend(names.of(expr, &[], self.problems));
        }
        if !parent.is_root() {
            needs.push(Node::Call(parent.clone()));
        }
        // Written into the graph directly: a call does not need itself.
        self.graph.needs.entry(Node::Call(self.path.clone())).or_default().extend(needs);
    }

    fn variables(&mut self) {
        for (name, variable) in &self.module.variables {
            let mut needs = Vec::new();
            if let (Some((parent, _)), Some(call)) =
                (self.path.parent(), self.names.config.call_of(self.path))
                && let Some(outer) = self.names.config.modules.get(&parent)
                && let Some(expr) = call.inputs.expr(name)
            {
                let names = Names { config: self.names.config, path: &parent, module: outer };
                needs.extend(names.of(expr, &[], self.problems));
            }
            let node = Node::Variable(self.path.clone(), name.clone());
            // A validation names its variable, which is no cycle.
            needs.extend(self.conditions(&variable.validations));
            needs.retain(|needed| *needed != node);
            self.add(node, needs);
        }
    }

    fn values(&mut self) {
        for (name, expr) in &self.module.locals {
            let needs = self.names.of(expr, &[], self.problems);
            self.add(Node::Local(self.path.clone(), name.clone()), needs);
        }
        for (name, output) in &self.module.outputs {
            let mut needs = self.names.of(&output.value, &[], self.problems);
            needs.extend(self.conditions(&output.preconditions));
            for expr in &output.depends_on {
                needs.extend(self.names.dependency(expr, self.problems));
            }
            self.add(Node::Output(self.path.clone(), name.clone()), needs);
        }
    }

    fn providers(&mut self) {
        for (key, provider) in &self.module.providers {
            let needs = self.names.of_body(&provider.body, &[], self.problems);
            self.add(Node::Provider(self.path.clone(), key.clone()), needs);
        }
    }

    fn resources(&mut self) {
        for (resource, decl) in &self.module.resources {
            let needs = self.resource(resource, decl);
            let at = ConfigResource { module: self.path.clone(), resource: resource.clone() };
            let node = Node::Resource(at);
            // A postcondition may name its own resource.
            let own: Vec<Node> = self.conditions(&decl.lifecycle.postconditions);
            let mut needs: BTreeSet<Node> = needs.into_iter().collect();
            needs.extend(own.into_iter().filter(|needed| *needed != node));
            self.add(node, needs);
        }
    }

    fn resource(&mut self, resource: &Resource, decl: &ResourceDecl) -> Vec<Node> {
        let mut needs = self.names.of_body(&decl.body, &[], self.problems);
        for expr in decl.count.iter().chain(&decl.for_each) {
            needs.extend(self.names.of(expr, &[], self.problems));
        }
        for expr in &decl.depends_on {
            needs.extend(self.names.dependency(expr, self.problems));
        }
        for expr in &decl.lifecycle.replace_triggered_by {
            needs.extend(self.names.of(expr, &[], self.problems));
        }
        needs.extend(self.conditions(&decl.lifecycle.preconditions));
        needs.extend(self.imports(resource));
        let key = decl
            .provider
            .clone()
            .unwrap_or_else(|| ProviderKey::default_of(resource.implied_provider()));
        if let Some((path, key)) = provider_for(self.names.config, self.path, &key) {
            needs.push(Node::Provider(path, key));
        }
        needs.extend(self.inherited());
        needs
    }

    /// What the root's `import` blocks for a resource name.
    fn imports(&mut self, resource: &Resource) -> Vec<Node> {
        let (config, path) = (self.names.config, &ModulePath::default());
        let Some(module) = config.modules.get(path) else { return Vec::new() };
        let names = Names { config, path, module };
        let at = ConfigResource { module: self.path.clone(), resource: resource.clone() };
        let mut needs = Vec::new();
        for import in module.imports.iter().filter(|import| import.to.resource == at) {
            for expr in import.for_each.iter().chain([&import.id]) {
                needs.extend(names.of(expr, &["each".to_owned()], self.problems));
            }
        }
        needs
    }

    /// What the `depends_on` of the calls above means for all that is in the module.
    fn inherited(&mut self) -> Vec<Node> {
        let mut needs = Vec::new();
        let mut path = self.path.clone();
        while let (Some((parent, _)), Some(call)) =
            (path.parent(), self.names.config.call_of(&path))
        {
            if let Some(outer) = self.names.config.modules.get(&parent) {
                let names = Names { config: self.names.config, path: &parent, module: outer };
                for expr in &call.depends_on {
                    needs.extend(names.dependency(expr, self.problems));
                }
            }
            path = parent;
        }
        needs
    }

    fn checks(&mut self) {
        for (name, check) in &self.module.checks {
            let mut needs = self.conditions(&check.asserts);
            if let Some(data) = &check.data {
                let at = ConfigResource { module: self.path.clone(), resource: data.clone() };
                needs.push(Node::Resource(at));
            }
            self.add(Node::Check(self.path.clone(), name.clone()), needs);
        }
    }

    fn conditions(&mut self, conditions: &[Condition]) -> Vec<Node> {
        let mut needs = Vec::new();
        for condition in conditions {
            needs.extend(self.names.of(&condition.condition, &[], self.problems));
            needs.extend(self.names.of(&condition.error_message, &[], self.problems));
        }
        needs
    }

    fn close(&mut self) {
        if self.path.is_root() {
            return;
        }
        let resources = self.module.resources.keys().map(|resource| {
            Node::Resource(ConfigResource { module: self.path.clone(), resource: resource.clone() })
        });
        let outputs =
            self.module.outputs.keys().map(|name| Node::Output(self.path.clone(), name.clone()));
        let calls = self.module.calls.keys().map(|name| Node::Close(self.path.child(name)));
        let needs: Vec<Node> = resources.chain(outputs).chain(calls).collect();
        self.add(Node::Close(self.path.clone()), needs);
    }
}

/// Where the configuration of a provider is that a module calls `key`: what a call hands down under
/// `providers` is looked up in its caller, and a default one is inherited.
pub fn provider_for(
    config: &Config,
    path: &ModulePath,
    key: &ProviderKey,
) -> Option<(ModulePath, ProviderKey)> {
    let module = config.modules.get(path)?;
    if module.providers.contains_key(key) {
        return Some((path.clone(), key.clone()));
    }
    let (parent, _) = path.parent()?;
    let call = config.call_of(path)?;
    let outer = match call.providers.iter().find(|(inner, _)| inner == key) {
        Some((_, outer)) => outer.clone(),
        None if key.alias.is_none() => key.clone(),
        None => return None,
    };
    provider_for(config, &parent, &outer)
}
