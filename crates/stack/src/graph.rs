//! What must come before what: every declaration of all modules, with what its expressions name.
//!
//! ```text
//! variable ◀─ local ◀─ resource ◀─ output ◀─ (module's caller)        ◀─ : needs
//! ```
//!
//! Nodes are declarations, not instances: how many instances there are is known only while the graph
//! is walked. A cycle is told with the path around it.

mod edges;
pub use edges::provider_for;
pub mod references;
pub mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use neargate_hcl::Diagnostic;

use crate::address::{ConfigResource, ModulePath};
use crate::config::{Config, ProviderKey};

/// One declaration. They are ordered by module, so that what is told keeps an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// How many instances a module has.
    Call(ModulePath),
    Variable(ModulePath, String),
    Local(ModulePath, String),
    Provider(ModulePath, ProviderKey),
    Resource(ConfigResource),
    Output(ModulePath, String),
    Check(ModulePath, String),
    /// Everything of a module is done.
    Close(ModulePath),
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let within = |module: &ModulePath, what: String| match module.is_root() {
            true => what,
            false => format!("{module}.{what}"),
        };
        f.write_str(&match self {
            Node::Call(module) => format!("{module} (expand)"),
            Node::Variable(module, name) => within(module, format!("var.{name}")),
            Node::Local(module, name) => within(module, format!("local.{name}")),
            Node::Provider(module, key) => within(module, format!("provider.{key}")),
            Node::Resource(resource) => resource.to_string(),
            Node::Output(module, name) => within(module, format!("output.{name}")),
            Node::Check(module, name) => within(module, format!("check.{name}")),
            Node::Close(module) => format!("{module} (close)"),
        })
    }
}

#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Each node with what it needs.
    pub needs: BTreeMap<Node, BTreeSet<Node>>,
}

impl Graph {
    /// The graph of a configuration, or what its expressions name in vain, or its cycles.
    pub fn of(config: &Config) -> Result<Graph, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let graph = edges::of(config, &mut problems);
        if problems.is_empty() {
            problems.extend(graph.cycles().iter().map(|cycle| told(cycle)));
        }
        if problems.is_empty() { Ok(graph) } else { Err(problems) }
    }

    /// Every node that a node needs, directly or not.
    pub fn closure(&self, node: &Node) -> BTreeSet<Node> {
        let mut found = BTreeSet::new();
        let mut next = vec![node];
        while let Some(node) = next.pop() {
            for needed in self.needs.get(node).into_iter().flatten() {
                if found.insert(needed.clone()) {
                    next.push(needed);
                }
            }
        }
        found
    }

    /// The resources that a resource needs, directly or by way of values and modules.
    pub fn resources_before(&self, resource: &ConfigResource) -> BTreeSet<ConfigResource> {
        let closure = self.closure(&Node::Resource(resource.clone()));
        closure
            .into_iter()
            .filter_map(|node| match node {
                Node::Resource(resource) => Some(resource),
                _ => None,
            })
            .collect()
    }

    /// An order in which everything comes after what it needs.
    pub fn order(&self) -> Vec<Node> {
        let mut done = BTreeSet::new();
        let mut order = Vec::new();
        for start in self.needs.keys() {
            let mut path = vec![(start, false)];
            while let Some((node, visited)) = path.pop() {
                if visited {
                    order.push(node.clone());
                } else if done.insert(node) {
                    path.push((node, true));
                    let needed = self.needs.get(node).into_iter().flatten();
                    path.extend(needed.filter(|n| !done.contains(n)).map(|n| (n, false)));
                }
            }
        }
        order
    }

    /// For `dot`: each declaration with an arrow to what it needs.
    pub fn to_dot(&self) -> String {
        let mut text = String::from(
            "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n",
        );
        let name = |node: &Node| crate::address::quoted(&node.to_string());
        for node in self.needs.keys() {
            text.push_str(&format!("  {};\n", name(node)));
        }
        for (node, needs) in &self.needs {
            for needed in needs {
                text.push_str(&format!("  {} -> {};\n", name(node), name(needed)));
            }
        }
        text.push_str("}\n");
        text
    }

    /// Groups of nodes that need each other, each in the order around it.
    fn cycles(&self) -> Vec<Vec<Node>> {
        let mut finder =
            Finder { graph: self, index: BTreeMap::new(), stack: Vec::new(), cycles: Vec::new() };
        for node in self.needs.keys() {
            if !finder.index.contains_key(node) {
                finder.from(node);
            }
        }
        finder.cycles
    }
}

fn told(cycle: &[Node]) -> Diagnostic {
    let names: Vec<String> = cycle.iter().map(Node::to_string).collect();
    Diagnostic::error(format!("Cycle: {}", names.join(", ")), "")
}

/// Tarjan's strongly connected components, with its own stack: chains of locals may be long.
struct Finder<'a> {
    graph: &'a Graph,
    /// Each node's number, and the lowest that it reaches; none of it once its component is told.
    index: BTreeMap<&'a Node, (usize, usize, bool)>,
    stack: Vec<&'a Node>,
    cycles: Vec<Vec<Node>>,
}

impl<'a> Finder<'a> {
    fn from(&mut self, start: &'a Node) {
        let mut path = vec![(start, self.enter(start))];
        while let Some((node, rest)) = path.last_mut() {
            let node = *node;
            let Some(next) = rest.pop() else {
                path.pop();
                self.leave(node);
                if let Some((above, _)) = path.last() {
                    let low = self.index[node].1;
                    self.lower(above, low);
                }
                continue;
            };
            match self.index.get(next).copied() {
                None => {
                    let rest = self.enter(next);
                    path.push((next, rest));
                }
                Some((number, _, true)) => self.lower(node, number),
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, node: &'a Node) -> Vec<&'a Node> {
        let number = self.index.len();
        self.index.insert(node, (number, number, true));
        self.stack.push(node);
        self.graph.needs.get(node).into_iter().flatten().rev().collect()
    }

    fn lower(&mut self, node: &'a Node, low: usize) {
        if let Some(entry) = self.index.get_mut(node) {
            entry.1 = entry.1.min(low);
        }
    }

    fn leave(&mut self, node: &'a Node) {
        let (number, low, _) = self.index[node];
        if number != low {
            return;
        }
        let at = self.stack.iter().position(|n| *n == node).expect("an open node is on the stack");
        let component = self.stack.split_off(at);
        for node in &component {
            if let Some(entry) = self.index.get_mut(node) {
                entry.2 = false;
            }
        }
        let own = self.graph.needs.get(node).is_some_and(|needs| needs.contains(node));
        if component.len() > 1 || own {
            self.cycles.push(component.into_iter().cloned().collect());
        }
    }
}
