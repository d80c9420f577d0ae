//! One node of the graph: a value is evaluated, a resource is made into its instances.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use neargate_hcl::{Diagnostic, Value};

use super::{PlanMode, Planner};
use crate::address::{ConfigResource, Key, Mode, ModuleInstance, ModulePath, ResourceInstance};
use crate::config::ResourceDecl;
use crate::eval::MOST;
use crate::eval::world::{Expansion, Repetition};
use crate::graph::Node;
use crate::graph::walk::Visited;

impl Planner<'_> {
    pub(super) async fn visit(&self, node: Node) -> (Node, Visited) {
        let failed = match &node {
            Node::Resource(at) => self.resource(at).await.is_err(),
            Node::Check(path, name) => {
                self.check(path, name);
                false
            }
            _ => {
                let problems = self.run.evaluator.visit(&node);
                // What is to be destroyed need not be evaluated: only its provider must be.
                self.options.mode != PlanMode::Destroy && self.run.tell(problems)
            }
        };
        (node, if failed { Visited::Failed } else { Visited::Done })
    }

    fn check(&self, path: &ModulePath, name: &str) {
        let check = self.run.stack.config.modules.get(path).and_then(|m| m.checks.get(name));
        if self.options.mode == PlanMode::Destroy {
            return;
        }
        let Some(check) = check else { return };
        let instances = self.run.evaluator.world().instances(path);
        for (module, _) in instances {
            let mut problems = Vec::new();
            self.run.evaluator.check(name, check, &module, &mut problems);
            self.run.tell(problems);
        }
    }

    /// All instances of a resource, in all instances of its module.
    async fn resource(&self, at: &ConfigResource) -> Result<(), ()> {
        if self.run.stop.is_asked() {
            return Err(());
        }
        let Some(decl) = self.run.stack.config.resource(at) else { return Ok(()) };
        if self.options.mode == PlanMode::Destroy {
            self.run.as_in_state(at, decl);
            return Ok(());
        }
        let (expanded, mut all) = self.expanded(at, decl);
        if all.is_ok() && self.options.mode == PlanMode::Normal {
            all = self.name_imports(at, &expanded);
        }
        for (module, expansion) in expanded {
            if self.resource_in(at, decl, &module, expansion).await.is_err() {
                all = Err(());
            }
        }
        all
    }

    /// How often it is made in each instance of its module, counted before any of them is planned.
    fn expanded(
        &self,
        at: &ConfigResource,
        decl: &ResourceDecl,
    ) -> (Vec<(ModuleInstance, Expansion)>, Result<(), ()>) {
        let (mut expanded, mut all) = (Vec::new(), Ok(()));
        let mut instances = self.done().instances;
        let modules = self.run.evaluator.world().instances(&at.module);
        for (module, _) in modules {
            let evaluator = &self.run.evaluator;
            match evaluator.expansion(decl.count.as_ref(), decl.for_each.as_ref(), &module) {
                Ok(expansion) => {
                    instances += expansion.count();
                    expanded.push((module, expansion));
                }
                Err(error) => {
                    if self.run.tell([error]) {
                        all = Err(());
                    }
                }
            }
            if instances > MOST {
                let already = std::mem::replace(&mut self.done().is_too_large, true);
                let detail = format!("All resources together have at most {MOST} instances.");
                let error = Diagnostic::error("Too many instances", detail).at(decl.range.clone());
                self.run.tell((!already).then_some(error));
                return (Vec::new(), Err(()));
            }
        }
        self.done().instances = instances;
        (expanded, all)
    }

    async fn resource_in(
        &self,
        at: &ConfigResource,
        decl: &ResourceDecl,
        module: &ModuleInstance,
        expansion: Expansion,
    ) -> Result<(), ()> {
        let instances = expansion.instances().into_iter().map(|(key, repetition)| async move {
            let address =
                ResourceInstance { module: module.clone(), resource: at.resource.clone(), key };
            let value = self.instance(&address, decl, &repetition).await;
            (address.key, value)
        });
        let mut values: BTreeMap<Key, Value> = BTreeMap::new();
        let mut failed = false;
        for (key, value) in join_all(instances).await {
            match value {
                Ok(value) => drop(values.insert(key, value)),
                Err(()) => failed = true,
            }
        }
        let together = expansion.together(values);
        self.run
            .evaluator
            .world()
            .module_mut(module)
            .resources
            .insert(at.resource.clone(), together);
        if failed { Err(()) } else { Ok(()) }
    }

    async fn instance(
        &self,
        address: &ResourceInstance,
        decl: &ResourceDecl,
        repetition: &Repetition,
    ) -> Result<Value, ()> {
        self.done().seen.insert(address.clone());
        if self.run.stop.is_asked() {
            return Err(());
        }
        let place = self.run.stack.provider_of(&address.config(), decl);
        let schema = self
            .run
            .stack
            .schema(&place, &address.resource)
            .map_err(|problems| self.run.fail(address, Some(decl), problems))?;
        let _permit = self.run.limit.acquire().await.map_err(drop)?;
        match address.resource.mode {
            Mode::Managed => self.managed(address, decl, repetition, &place, schema).await,
            Mode::Data => self.data(address, decl, repetition, &place, schema).await,
        }
    }

    /// Notes problems of an instance; an error as the end of it.
    pub(super) fn refuse(
        &self,
        address: &ResourceInstance,
        decl: &ResourceDecl,
        problems: Vec<Diagnostic>,
    ) -> Result<(), ()> {
        if self.run.tell_of(address, Some(decl), problems) { Err(()) } else { Ok(()) }
    }
}
