//! One step: a value is evaluated, a resource's instances are made as planned, an object destroyed.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use neargate_hcl::Value;

use super::Applier;
use super::order::Step;
use crate::address::{ConfigResource, Key, ModuleInstance, ResourceInstance};
use crate::config::ResourceDecl;
use crate::eval::world::Repetition;
use crate::graph::Node;
use crate::graph::walk::Visited;
use crate::objects;
use crate::plan::Action;

impl Applier<'_> {
    pub(super) async fn visit(&self, step: Step) -> (Step, Visited) {
        let failed = match &step {
            Step::Destroy(address, deposed) => {
                self.destroy(address, deposed.as_deref()).await.is_err()
            }
            Step::Node(Node::Resource(at)) => self.resource(at).await.is_err(),
            Step::Node(Node::Check(path, name)) => {
                self.check(path, name);
                false
            }
            Step::Node(node) => self.run.tell(self.run.evaluator.visit(node)),
        };
        (step, if failed { Visited::Failed } else { Visited::Done })
    }

    fn check(&self, path: &crate::address::ModulePath, name: &str) {
        let check = self.run.stack.config.modules.get(path).and_then(|m| m.checks.get(name));
        let Some(check) = check else { return };
        let instances = self.run.evaluator.world().instances(path);
        for (module, _) in instances {
            let mut problems = Vec::new();
            self.run.evaluator.check(name, check, &module, &mut problems);
            self.run.tell(problems);
        }
    }

    async fn resource(&self, at: &ConfigResource) -> Result<(), ()> {
        let Some(decl) = self.run.stack.config.resource(at) else { return Ok(()) };
        let modules = self.run.evaluator.world().instances(&at.module);
        let mut all = Ok(());
        for result in join_all(modules.iter().map(|(m, _)| self.resource_in(at, decl, m))).await {
            all = all.and(result);
        }
        all
    }

    async fn resource_in(
        &self,
        at: &ConfigResource,
        decl: &ResourceDecl,
        module: &ModuleInstance,
    ) -> Result<(), ()> {
        let expansion =
            self.run.evaluator.expansion(decl.count.as_ref(), decl.for_each.as_ref(), module);
        let expansion = match expansion {
            Ok(expansion) => expansion,
            Err(error) => return if self.run.tell([error]) { Err(()) } else { Ok(()) },
        };
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
        match self.change(address) {
            Some(change)
                if !matches!(change.action, Action::NoOp | Action::Delete | Action::Forget) =>
            {
                self.make(change, decl, repetition).await
            }
            _ => self.unchanged(address, decl),
        }
    }

    /// The object as the state has it, which says anew what it depends on.
    fn unchanged(&self, address: &ResourceInstance, decl: &ResourceDecl) -> Result<Value, ()> {
        let place = self.run.stack.provider_of(&address.config(), decl);
        let schema = self
            .run
            .stack
            .schema(&place, &address.resource)
            .map_err(|problems| self.run.fail(address, Some(decl), problems))?;
        let Some(mut object) = self.run.state().get(address).cloned() else {
            return Ok(schema.block.empty());
        };
        let value = objects::from_state(&object, &schema).map_err(|_| ())?;
        if address.resource.mode == crate::address::Mode::Managed {
            object.dependencies = self.dependencies(&address.config());
            object.create_before_destroy = self.before_create.contains(&address.config());
            self.run.state().put(address, &place.to_string(), object);
        }
        Ok(value)
    }

    /// All resources that a resource needs, as the state keeps them.
    pub(super) fn dependencies(&self, at: &ConfigResource) -> Vec<String> {
        let before = self.run.stack.graph.resources_before(at);
        let mut names: Vec<String> = before.iter().map(ToString::to_string).collect();
        names.sort();
        names
    }
}
