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
use crate::provider::{Object, PlanRequest, Planned};
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
