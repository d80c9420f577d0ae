//! What is known without a plan: values as far as the variables and the state's objects tell them.
//! A destroy needs them for its providers, and so do `import` and `console`.

use std::collections::BTreeMap;

use crate::address::ConfigResource;
use crate::config::ResourceDecl;
use crate::graph::Node;
use crate::graph::walk::{Visited, walk};
use crate::objects;
use crate::run::Run;

impl Run<'_> {
    /// Gives every name the value that can be known. What cannot be evaluated is unknown, and is told
    /// by whoever needs it.
    pub async fn know(&self) {
        walk(&self.stack.graph.needs, |node| async {
            match &node {
                Node::Resource(at) => {
                    if let Some(decl) = self.stack.config.resource(at) {
                        self.as_in_state(at, decl);
                    }
                }
                node => drop(self.evaluator.visit(node)),
            }
            (node, Visited::Done)
        })
        .await;
    }

    /// Has a resource's name stand for what the state has of it.
    pub fn as_in_state(&self, at: &ConfigResource, decl: &ResourceDecl) {
        let place = self.stack.provider_of(at, decl);
        let Ok(schema) = self.stack.schema(&place, &at.resource) else { return };
        let modules = self.evaluator.world().instances(&at.module);
        for (module, _) in modules {
            let mut values = BTreeMap::new();
            for (address, _, instance) in self.state().instances() {
                if address.module == module
                    && address.resource == at.resource
                    && instance.deposed.is_empty()
                    && let Ok(value) = objects::from_state(instance, &schema)
                {
                    values.insert(address.key, value);
                }
            }
            let expansion =
                self.evaluator.expansion(decl.count.as_ref(), decl.for_each.as_ref(), &module);
            if let Ok(expansion) = expansion {
                let together = expansion.together(values);
                let mut world = self.evaluator.world();
                world.module_mut(&module).resources.insert(at.resource.clone(), together);
            }
        }
    }
}
