//! One instance of a resource: what it is, what it shall be, and so what is to be done.

use std::sync::Arc;

use neargate_hcl::{Diagnostic, Marks, Value};

use super::decide::{Wanted, ignoring, plain};
use super::{Action, PlanMode, Planner, Reason, ResourceChange};
use crate::address::ResourceInstance;
use crate::config::ResourceDecl;
use crate::eval::world::Repetition;
use crate::objects;
use crate::paths;
use crate::provider::{Configured, Object, PlanRequest, Planned};
use crate::run::ProviderAddress;
use crate::schema::Schema;

impl Planner<'_> {
    /// Plans an instance, and tells what its name stands for.
    pub(super) async fn managed(
        &self,
        address: &ResourceInstance,
        decl: &ResourceDecl,
        repetition: &Repetition,
        place: &ProviderAddress,
        schema: Arc<Schema>,
    ) -> Result<Value, ()> {
        let told = |problems| self.run.fail(address, Some(decl), problems);
        let provider = self.run.configured(place).await.map_err(told)?;
        let tainted = self.run.state().get(address).is_some_and(|i| i.is_tainted());
        let mut prior = self.prior(address, Some(decl), "", place, &schema, &provider).await?;
        if self.options.mode == PlanMode::RefreshOnly {
            return Ok(prior.map_or_else(|| schema.block.empty(), |object| object.value));
        }
        let importing = match prior {
            Some(_) => None,
            None => {
                self.import(address, decl, place, &schema, &provider).await?.map(|(id, object)| {
                    prior = Some(object);
                    id
                })
            }
        };
        self.hold(&decl.lifecycle.preconditions, "precondition", address, repetition, None)?;
        let config = self.run.config_of(decl, &schema, address, repetition)?;
        let known = self.run.stack.provider(&place.source).map_err(told)?;
        let (mode, of_type) = (address.resource.mode, &address.resource.of_type);
        let plain_config = config.clone().unmark_deep().0;
        self.refuse(address, decl, known.validate(mode, of_type, &plain_config))?;
        let wanted = Wanted { address, decl, schema: &schema, provider: &provider, config };
        let mut change = self.decide(wanted, prior, tainted, repetition, place).await?;
        change.importing = importing;
        change.previous = self.moved.get(address).cloned();
        let after = change.after.clone().unwrap_or_else(|| schema.block.empty());
        self.done().changes.push(change);
        self.hold(
            &decl.lifecycle.postconditions,
            "postcondition",
            address,
            repetition,
            Some(&after),
        )?;
        Ok(after)
    }

    async fn decide(
        &self,
        wanted: Wanted<'_>,
        prior: Option<Object>,
        tainted: bool,
        repetition: &Repetition,
        place: &ProviderAddress,
    ) -> Result<ResourceChange, ()> {
        let Wanted { address, decl, schema, .. } = wanted;
        let mut change = ResourceChange {
            address: address.clone(),
            previous: None,
            deposed: None,
            provider: place.clone(),
            schema: schema.clone(),
            action: Action::Create,
            reason: None,
            before: prior.as_ref().map(|object| object.value.clone()),
            after: None,
            replace: Vec::new(),
            importing: None,
        };
        let Some(object) = prior else {
            change.after = Some(self.ask(&wanted, None, &wanted.config).await?.value);
            return Ok(change);
        };
        let config =
            ignoring(&decl.lifecycle.ignore_changes, &object.value, &wanted.config, &schema.block);
        let planned = self.ask(&wanted, Some(&object), &config).await?;
        let differs = |path: &paths::Path| {
            let at = |value: &Value| paths::get(value, path).map(plain);
            at(&object.value) != at(&planned.value)
        };
        let same = plain(&object.value) == plain(&planned.value);
        change.replace =
            planned.replace.iter().filter(|path| !same && differs(path)).cloned().collect();
        change.reason = if tainted {
            Some(Reason::Tainted)
        } else if self.options.replace.contains(address) {
            Some(Reason::Requested)
        } else if self.triggered(address, decl, repetition) {
            Some(Reason::Triggered)
        } else if !change.replace.is_empty() {
            Some(Reason::CannotUpdate)
        } else {
            None
        };
        if change.reason.is_none() {
            change.action = if same { Action::NoOp } else { Action::Update };
            change.after = Some(planned.value);
            return Ok(change);
        }
        if decl.lifecycle.prevent_destroy {
            self.refuse(address, decl, vec![prevented(address)])?;
        }
        change.after = Some(self.ask(&wanted, None, &config).await?.value);
        change.action = match self.before_create.contains(&address.config()) {
            true => Action::CreateThenDelete,
            false => Action::DeleteThenCreate,
        };
        Ok(change)
    }

    /// What the provider makes of a configuration, with the marks put back.
    async fn ask(
        &self,
        wanted: &Wanted<'_>,
        prior: Option<&Object>,
        config: &Value,
    ) -> Result<Planned, ()> {
        ask(wanted, prior, config)
            .await
            .map_err(|problems| self.run.fail(wanted.address, Some(wanted.decl), problems))
    }
}

/// Asks a provider for its plan.
pub async fn ask(
    wanted: &Wanted<'_>,
    prior: Option<&Object>,
    config: &Value,
) -> Result<Planned, Vec<Diagnostic>> {
    let plain_prior = prior.map(|object| Object {
        value: object.value.clone().unmark_deep().0,
        private: object.private.clone(),
    });
    let plain_config = config.clone().unmark_deep().0;
    let before = plain_prior.as_ref().map(|object| &object.value);
    let proposed = super::proposed::proposed(&wanted.schema.block, before, &plain_config);
    let request = PlanRequest { prior: plain_prior, proposed, config: plain_config };
    let planned = wanted.provider.plan(&wanted.address.resource.of_type, request).await?;
    let marks = paths::marked(config, Marks::SENSITIVE);
    let value = paths::mark(planned.value, &marks);
    Ok(Planned { value: objects::with_schema_marks(value, &wanted.schema.block), ..planned })
}

pub fn prevented(address: &ResourceInstance) -> Diagnostic {
    Diagnostic::error(
        "Instance cannot be destroyed",
        format!(
            "Resource {address} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option."
        ),
    )
}

impl Planner<'_> {
    /// The object that an `import` block names for an instance that the state does not have.
    async fn import(
        &self,
        address: &ResourceInstance,
        decl: &ResourceDecl,
        place: &ProviderAddress,
        schema: &Arc<Schema>,
        provider: &Arc<dyn Configured>,
    ) -> Result<Option<(String, Object)>, ()> {
        let Some(id) = self.import_id(address)? else { return Ok(None) };
        let of_type = &address.resource.of_type;
        let told = |problems| self.run.fail(address, Some(decl), problems);
        let found = provider.import(of_type, &id).await.map_err(told)?;
        let Some(object) = provider.read(of_type, found).await.map_err(told)? else {
            let detail = format!(
                "While attempting to import an existing object to {address:?}, the provider detected that no object exists with the given id. Only pre-existing objects can be imported; check that the id {id:?} is correct and that it is associated with the provider's configured region or endpoint, or use a new resource without an import block to create it.",
                address = address.to_string()
            );
            told(vec![Diagnostic::error("Cannot import non-existent remote object", detail)]);
            return Err(());
        };
        let value = objects::with_schema_marks(object.value, &schema.block);
        let mut instance =
            crate::state::InstanceState { private: object.private.clone(), ..Default::default() };
        objects::into_state(&mut instance, &value, schema);
        self.run.state().put(address, &place.to_string(), instance);
        Ok(Some((id, Object { value, private: object.private })))
    }

    /// The id of the `import` block for an instance.
    fn import_id(&self, address: &ResourceInstance) -> Result<Option<String>, ()> {
        let Some(module) = self.run.stack.config.modules.get(&Default::default()) else {
            return Ok(None);
        };
        for import in &module.imports {
            let root = Default::default();
            let each = match &import.for_each {
                None => vec![Repetition::None],
                Some(expr) => match self.run.evaluator.expansion(None, Some(expr), &root) {
                    Ok(expansion) => expansion.instances().into_iter().map(|(_, r)| r).collect(),
                    Err(error) => return if self.run.tell([error]) { Err(()) } else { Ok(None) },
                },
            };
            for repetition in each {
                if self.import_target(&import.to, &repetition).as_ref() != Some(address) {
                    continue;
                }
                return match self.run.evaluator.value(&import.id, &root, &repetition, None) {
                    Ok(value) => Ok(value.as_str().map(str::to_owned)),
                    Err(error) => {
                        if self.run.tell([error]) {
                            Err(())
                        } else {
                            Ok(None)
                        }
                    }
                };
            }
        }
        Ok(None)
    }

    /// The instance that an `import` block's `to` names: the key may be an expression.
    fn import_target(
        &self,
        to: &crate::config::syntax::Expr,
        repetition: &Repetition,
    ) -> Option<ResourceInstance> {
        let text = to.text();
        if let Ok(address) = text.parse() {
            return Some(address);
        }
        let (base, key) = text.strip_suffix(']')?.rsplit_once('[')?;
        let mut address: ResourceInstance = base.parse().ok()?;
        let value = match (key.trim(), repetition) {
            ("each.key", Repetition::Each(key, _)) => key.clone(),
            ("each.value", Repetition::Each(_, value)) => value.clone(),
            _ => return None,
        };
        address.key = crate::address::Key::Name(value.as_str()?.to_owned());
        Some(address)
    }
}
