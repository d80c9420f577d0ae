//! Data sources: read while planning, unless what they are asked for is known only by the apply.

use std::collections::BTreeSet;
use std::sync::Arc;

use neargate_hcl::{Marks, Value};

use super::{Action, PlanMode, Planner, Reason, ResourceChange};
use crate::address::{ConfigResource, Mode, ResourceInstance};
use crate::config::ResourceDecl;
use crate::eval::world::Repetition;
use crate::graph::Node;
use crate::graph::references::Names;
use crate::run::{Event, ProviderAddress, Stack};
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

    /// Whether something that the source depends on is changed by this plan.
    fn waits(&self, address: &ResourceInstance, decl: &ResourceDecl) -> bool {
        let before = depended_on(self.run.stack, &address.config(), decl);
        // What is in another instance of the same module has nothing to do with this one.
        let apart = |other: &ResourceInstance| {
            other.module != address.module && other.module.path() == address.module.path()
        };
        self.done().changes.iter().any(|change| {
            change.address.resource.mode == Mode::Managed
                && change.action != Action::NoOp
                && before.contains(&change.address.config())
                && !apart(&change.address)
        })
    }
}

/// The resources that a data source depends on, in Terraform's sense: those of its own module that it
/// names, those that its `depends_on` names, and all that is behind modules that it or the calls above
/// it depend on. What it reaches by a local value or a variable is not among them.
fn depended_on(
    stack: &Stack,
    at: &ConfigResource,
    decl: &ResourceDecl,
) -> BTreeSet<ConfigResource> {
    let mut found = BTreeSet::new();
    let mut add = |node: Node, behind: bool| {
        if behind || !matches!(node, Node::Resource(_)) {
            found.extend(stack.graph.closure(&node).into_iter().filter_map(resource));
        }
        found.extend(resource(node));
    };
    // What is wrong with names was told when the graph was made.
    let ignored = &mut Vec::new();
    if let Some(module) = stack.config.modules.get(&at.module) {
        let names = Names { config: &stack.config, path: &at.module, module };
        let mut named = names.of_body(&decl.body, &[], ignored);
        let lifecycle = &decl.lifecycle;
        let conditions = lifecycle.preconditions.iter().chain(&lifecycle.postconditions);
        let held = conditions.flat_map(|held| [&held.condition, &held.error_message]);
        for expr in decl.count.iter().chain(&decl.for_each).chain(held) {
            named.extend(names.of(expr, &[], ignored));
        }
        for node in named {
            if matches!(&node, Node::Resource(at) if at.resource.mode == Mode::Managed) {
                add(node, false);
            }
        }
        for expr in &decl.depends_on {
            names.dependency(expr, ignored).into_iter().for_each(|node| add(node, false));
        }
    }
    let mut path = at.module.clone();
    while let (Some((parent, _)), Some(call)) = (path.parent(), stack.config.call_of(&path)) {
        if let Some(module) = stack.config.modules.get(&parent) {
            let names = Names { config: &stack.config, path: &parent, module };
            for expr in &call.depends_on {
                names.dependency(expr, ignored).into_iter().for_each(|node| add(node, true));
            }
        }
        path = parent;
    }
    found
}

fn resource(node: Node) -> Option<ConfigResource> {
    match node {
        Node::Resource(resource) => Some(resource),
        _ => None,
    }
}
