//! Data sources: read while planning, unless what they are asked for is known only by the apply.

use std::sync::Arc;

use neargate_hcl::{Marks, Value};

use super::{Action, PlanMode, Planner, Reason, ResourceChange};
use crate::address::{ConfigResource, Mode, ResourceInstance};
use crate::config::ResourceDecl;
use crate::eval::world::Repetition;
use crate::graph::Node;
use crate::graph::references::Names;
use crate::run::{Event, ProviderAddress};
use crate::schema::Schema;
use crate::state::InstanceState;
use crate::{objects, paths};

impl Planner<'_> {
    pub(super) async fn data(
        &self,
        address: &ResourceInstance,
        decl: &ResourceDecl,
        repetition: &Repetition,
        place: &ProviderAddress,
        schema: Arc<Schema>,
    ) -> Result<Value, ()> {
        self.hold(&decl.lifecycle.preconditions, "precondition", address, repetition, None)?;
        let config = self.run.config_of(decl, &schema, address, repetition)?;
        let reason = if !config.is_wholly_known() {
            Some(Reason::ConfigUnknown)
        } else if self.options.mode == PlanMode::Normal && self.waits(address, decl) {
            Some(Reason::DependencyPending)
        } else {
            None
        };
        if let Some(reason) = reason {
            let after = super::proposed::proposed(&schema.block, None, &config);
            self.done().changes.push(ResourceChange {
                address: address.clone(),
                previous: None,
                deposed: None,
                provider: place.clone(),
                schema,
                action: Action::Read,
                reason: Some(reason),
                before: None,
                after: Some(after.clone()),
                replace: Vec::new(),
                importing: None,
            });
            return Ok(after);
        }
        let told = |problems| self.run.fail(address, Some(decl), problems);
        let provider = self.run.configured(place).await.map_err(told)?;
        self.run.observer.event(Event::Refreshing { at: address.clone(), id: None });
        let plain = config.clone().unmark_deep().0;
        let read = provider.read_data(&address.resource.of_type, plain).await.map_err(told)?;
        self.run
            .observer
            .event(Event::Refreshed { at: address.clone(), id: crate::run::id_of(&read) });
        let marks = paths::marked(&config, Marks::SENSITIVE);
        let value = objects::with_schema_marks(paths::mark(read, &marks), &schema.block);
        self.keep(address, place, &schema, &value);
        self.hold(
            &decl.lifecycle.postconditions,
            "postcondition",
            address,
            repetition,
            Some(&value),
        )?;
        Ok(value)
    }

    fn keep(
        &self,
        address: &ResourceInstance,
        place: &ProviderAddress,
        schema: &Schema,
        value: &Value,
    ) {
        let mut instance = InstanceState::default();
        objects::into_state(&mut instance, value, schema);
        self.run.state().put(address, &place.to_string(), instance);
    }

    /// Whether something that the source says it depends on is changed by this plan.
    fn waits(&self, address: &ResourceInstance, decl: &ResourceDecl) -> bool {
        let before = explicit(self.run.stack, &address.config(), decl);
        self.done().changes.iter().any(|change| {
            change.address.resource.mode == Mode::Managed
                && change.action != Action::NoOp
                && before.contains(&change.address.config())
        })
    }
}

/// The resources that the `depends_on` of a resource, and of the calls above it, name.
fn explicit(
    stack: &crate::run::Stack,
    at: &ConfigResource,
    decl: &ResourceDecl,
) -> std::collections::BTreeSet<ConfigResource> {
    let mut nodes = Vec::new();
    let mut add = |path: &crate::address::ModulePath, exprs: &[crate::config::syntax::Expr]| {
        if let Some(module) = stack.config.modules.get(path) {
            let names = Names { config: &stack.config, path, module };
            // What is wrong with them was told when the graph was made.
            nodes.extend(exprs.iter().flat_map(|expr| names.dependency(expr, &mut Vec::new())));
        }
    };
    add(&at.module, &decl.depends_on);
    let mut path = at.module.clone();
    while let (Some((parent, _)), Some(call)) = (path.parent(), stack.config.call_of(&path)) {
        add(&parent, &call.depends_on);
        path = parent;
    }
    let mut found = std::collections::BTreeSet::new();
    for node in nodes {
        let all = stack.graph.closure(&node).into_iter().chain([node]);
        found.extend(all.filter_map(|node| match node {
            Node::Resource(resource) => Some(resource),
            _ => None,
        }));
    }
    found
}
