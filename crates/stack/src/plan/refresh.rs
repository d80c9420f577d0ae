//! What the world has of an object now.

use std::sync::Arc;

use neargate_hcl::{Marks, Value};

use super::{Drift, Planner};
use crate::address::ResourceInstance;
use crate::config::ResourceDecl;
use crate::objects;
use crate::paths;
use crate::provider::{Configured, Object};
use crate::run::{Event, ProviderAddress, id_of};
use crate::schema::Schema;

impl Planner<'_> {
    /// The object of an instance as the world has it, or as the state has it where nobody looks. The
    /// state is brought to what was seen.
    pub(super) async fn prior(
        &self,
        address: &ResourceInstance,
        decl: Option<&ResourceDecl>,
        deposed: &str,
        place: &ProviderAddress,
        schema: &Arc<Schema>,
        provider: &Arc<dyn Configured>,
    ) -> Result<Option<Object>, ()> {
        let Some(mut instance) = self.run.state().object(address, deposed).cloned() else {
            return Ok(None);
        };
        if instance.schema_version < schema.version {
            let text = instance.attributes.as_ref().map_or("{}", |raw| raw.get());
            let attributes = serde_json::from_str(text).unwrap_or_default();
            let upgraded = provider
                .upgrade(&address.resource.of_type, instance.schema_version, attributes)
                .map_err(|problems| self.run.fail(address, decl, problems))?;
            instance.attributes = Some(objects::raw(upgraded.to_string()));
            instance.schema_version = schema.version;
        }
        let before = objects::from_state(&instance, schema).map_err(|why| {
            let detail =
                format!("The state has no {} at {address}: {why}.", address.resource.of_type);
            let error = neargate_hcl::Diagnostic::error("Unreadable object in the state", detail);
            self.run.tell_of(address, decl, vec![error]);
        })?;
        let known = Object { value: before.clone(), private: instance.private.clone() };
        if !self.options.refresh {
            return Ok(Some(known));
        }
        let id = id_of(&before);
        self.run.observer.event(Event::Refreshing { at: address.clone(), id: id.clone() });
        let plain = Object { value: before.clone().unmark_deep().0, private: known.private };
        let read = provider
            .read(&address.resource.of_type, plain)
            .await
            .map_err(|problems| self.run.fail(address, decl, problems))?;
        self.run.observer.event(Event::Refreshed { at: address.clone(), id });
        let Some(read) = read else {
            self.run.state().remove(address, deposed);
            self.drifted(address, place, schema, before, None);
            return Ok(None);
        };
        let marks = paths::marked(&before, Marks::SENSITIVE);
        let value = objects::with_schema_marks(paths::mark(read.value, &marks), &schema.block);
        if value != before {
            objects::into_state(&mut instance, &value, schema);
            self.drifted(address, place, schema, before, Some(value.clone()));
        }
        instance.private = read.private.clone();
        self.run.state().put(address, &place.to_string(), instance);
        Ok(Some(Object { value, private: read.private }))
    }

    fn drifted(
        &self,
        address: &ResourceInstance,
        place: &ProviderAddress,
        schema: &Arc<Schema>,
        before: Value,
        after: Option<Value>,
    ) {
        self.done().drift.push(Drift {
            address: address.clone(),
            provider: place.clone(),
            schema: schema.clone(),
            before,
            after,
        });
    }
}
