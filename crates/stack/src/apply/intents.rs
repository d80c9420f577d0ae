//! What runs that were killed were about to make: asked of the provider, and taken over.
//!
//! Where the configuration wants the object, the apply takes it over in place of making another, once
//! its turn has come. Where it does not (a destroy, a resource that was taken out), it is deleted before
//! all else: whatever it needs is older, and nothing needs it yet.

use neargate_hcl::{Diagnostic, Value};

use super::Applier;
use crate::address::ResourceInstance;
use crate::objects;
use crate::plan::{Action, ResourceChange, Wanted, ask};
use crate::provider::{Configured, Object};
use crate::run::ProviderAddress;
use crate::schema::Schema;
use crate::state::InstanceState;
use crate::state::intents::Intent;

impl Applier<'_> {
    /// Notes what is about to be made; gives the mark that it is found by.
    pub(super) fn intend(
        &self,
        wanted: &Wanted<'_>,
        change: &ResourceChange,
        planned: &Value,
    ) -> Result<String, ()> {
        let known = planned.clone().map_deep(&mut |inner| {
            if inner.is_known() { inner } else { Value::null(inner.ty()) }
        });
        let mut instance = InstanceState::default();
        objects::into_state(&mut instance, &known, wanted.schema);
        let mark = self.around.rng.hex(16);
        let intent = Intent {
            address: wanted.address.to_string(),
            provider: change.provider.to_string(),
            mark: mark.clone(),
            attributes: instance.attributes.unwrap_or_else(|| objects::raw("{}".to_owned())),
        };
        self.around.keeper.intend(intent).map(|()| mark).map_err(|error| {
            self.run
                .tell([Diagnostic::error("Failed to note what is to be made", error.to_string())]);
            self.run.stop.ask();
        })
    }

    /// An intent is over. `made`: its object is in the state.
    pub(super) fn over(&self, address: &ResourceInstance, made: bool) {
        if let Err(error) = self.around.keeper.over(&address.to_string(), !made) {
            self.run.tell([Diagnostic::error("Failed to note what was made", error.to_string())]);
            self.run.stop.ask();
        }
    }

    /// What an earlier run has made of this resource, without telling the state: it is in the state
    /// from here on, and what its configuration wants of it.
    pub(super) async fn take_over(
        &self,
        wanted: &Wanted<'_>,
        change: &ResourceChange,
    ) -> Result<Option<Value>, ()> {
        let address = wanted.address;
        let text = address.to_string();
        let left = self.around.keeper.intents().into_iter().find(|intent| intent.address == text);
        let Some(left) = left else { return Ok(None) };
        let told = |problems| self.run.fail(address, Some(wanted.decl), problems);
        let of_type = &address.resource.of_type;
        let planned = object_of(&left, wanted.schema)?;
        let found = wanted.provider.recover(of_type, planned, &left.mark).await.map_err(told)?;
        let Some(found) = found else { return Ok(None) };
        self.put(address, change, &found, wanted.schema);
        wanted.provider.unmark(of_type, found.clone(), &left.mark).await.map_err(told)?;
        self.over(address, true);
        let planned = ask(wanted, Some(&found), &wanted.config).await.map_err(told)?;
        if !planned.replace.is_empty() {
            wanted.provider.delete(of_type, found).await.map_err(told)?;
            self.run.state().remove(address, "");
            return Ok(None);
        }
        let object = Object { value: planned.value.unmark_deep().0, private: planned.private };
        let config = wanted.config.clone().unmark_deep().0;
        let call = wanted.provider.update(of_type, found, object, config);
        let made = self.timed(change, Action::Create, None, call, |applied| applied).await;
        self.settle(wanted, change, made, false).map(Some)
    }

    fn put(
        &self,
        address: &ResourceInstance,
        change: &ResourceChange,
        object: &Object,
        schema: &Schema,
    ) {
        let mut instance =
            InstanceState { private: object.private.clone(), ..InstanceState::default() };
        instance.dependencies = self.dependencies(&address.config());
        objects::into_state(&mut instance, &object.value, schema);
        self.run.state().put(address, &change.provider.to_string(), instance);
        self.keep();
    }

    /// Brings what earlier runs have left to an end, as far as this one does not take it over.
    pub(super) async fn end_left(&self) {
        for left in self.around.keeper.intents() {
            // What is not read here was not written here.
            let Ok(address) = left.address.parse::<ResourceInstance>() else { continue };
            let is_wanted = self.change(&address).is_some_and(|change| makes(change.action));
            if !is_wanted && self.end(&address, &left).await.is_err() {
                self.run.stop.ask();
            }
        }
    }

    /// One of them: its object, if there is one, is in the state or is not wanted.
    async fn end(&self, address: &ResourceInstance, left: &Intent) -> Result<(), ()> {
        let told = |problems| self.run.fail(address, None, problems);
        let of_type = &address.resource.of_type;
        let Some(provider_address) = ProviderAddress::parse(&left.provider) else { return Ok(()) };
        let provider = self.run.configured(&provider_address).await.map_err(told)?;
        let schema = self.run.stack.schema(&provider_address, &address.resource).map_err(told)?;
        let known = self.run.state().get(address).cloned();
        if let Some(known) = known {
            let value = objects::from_state(&known, &schema).map_err(|_| ())?.unmark_deep().0;
            let object = Object { value, private: known.private };
            provider.unmark(of_type, object, &left.mark).await.map_err(told)?;
        } else {
            self.delete_left(&*provider, of_type, object_of(left, &schema)?, left)
                .await
                .map_err(told)?;
        }
        self.over(address, true);
        Ok(())
    }

    async fn delete_left(
        &self,
        provider: &dyn Configured,
        of_type: &str,
        planned: Object,
        left: &Intent,
    ) -> Result<(), Vec<Diagnostic>> {
        match provider.recover(of_type, planned, &left.mark).await? {
            Some(found) => provider.delete(of_type, found).await,
            None => Ok(()),
        }
    }
}

fn makes(action: Action) -> bool {
    matches!(action, Action::Create | Action::CreateThenDelete | Action::DeleteThenCreate)
}

fn object_of(intent: &Intent, schema: &Schema) -> Result<Object, ()> {
    let instance =
        InstanceState { attributes: Some(intent.attributes.clone()), ..InstanceState::default() };
    let value = objects::from_state(&instance, schema).map_err(|_| ())?;
    Ok(Object::new(value.unmark_deep().0))
}
