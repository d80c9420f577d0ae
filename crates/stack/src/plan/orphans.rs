//! What the state has and the configuration has not: destroyed, or forgotten where a `removed` block
//! says so. And what earlier replacements have left.

use std::sync::Arc;

use futures_util::future::join_all;

use super::instance::prevented;
use super::{Action, PlanMode, Planner, Reason, ResourceChange};
use crate::address::{Key, Mode, ResourceInstance};
use crate::config::Removed;
use crate::eval::world::Expansion;
use crate::run::ProviderAddress;
use crate::schema::Schema;

impl Planner<'_> {
    pub(super) async fn orphans(&self) {
        if self.options.mode == PlanMode::RefreshOnly {
            return self.only_look().await;
        }
        let destroy = self.options.mode == PlanMode::Destroy;
        let found: Vec<(ResourceInstance, String, String)> = {
            let (state, done) = (self.run.state(), self.done());
            state
                .instances()
                .filter(|(address, _, instance)| {
                    let orphan = destroy || !done.seen.contains(address);
                    (orphan || !instance.deposed.is_empty()) && self.is_targeted(address)
                })
                .map(|(address, resource, instance)| {
                    (address, instance.deposed.clone(), resource.provider.clone())
                })
                .collect()
        };
        join_all(
            found
                .iter()
                .map(|(address, deposed, provider)| self.orphan(address, deposed, provider)),
        )
        .await;
    }

    async fn orphan(&self, address: &ResourceInstance, deposed: &str, provider: &str) {
        if address.resource.mode == Mode::Data {
            self.run.state().remove(address, deposed);
            return;
        }
        let Ok((place, schema)) = self.told_by_state(address, provider) else { return };
        let decl = self.run.stack.config.resource(&address.config());
        let removed = self.removed(address);
        let action = match removed {
            Some(Removed { destroy: false, .. }) => Action::Forget,
            _ => Action::Delete,
        };
        let Ok(_permit) = self.run.limit.acquire().await else { return };
        if self.run.stop.is_asked() {
            return;
        }
        let configured = match self.run.configured(&place).await {
            Ok(configured) => configured,
            Err(problems) => return self.run.fail(address, decl, problems),
        };
        let prior = self.prior(address, decl, deposed, &place, &schema, &configured).await;
        let Ok(Some(prior)) = prior else { return };
        if let Some(decl) = decl
            && decl.lifecycle.prevent_destroy
            && deposed.is_empty()
            && action == Action::Delete
        {
            self.run.tell_of(address, Some(decl), vec![prevented(address)]);
            return;
        }
        let reason = match (deposed.is_empty(), self.options.mode) {
            (false, _) => Some(Reason::Deposed),
            (true, PlanMode::Destroy) => None,
            (true, _) => Some(self.reason(address)),
        };
        self.done().changes.push(ResourceChange {
            address: address.clone(),
            previous: self.moved.get(address).cloned(),
            deposed: (!deposed.is_empty()).then(|| deposed.to_owned()),
            provider: place,
            schema,
            action,
            reason,
            before: Some(prior.value),
            after: None,
            replace: Vec::new(),
            importing: None,
        });
    }

    /// Refreshes what the configuration no longer has, and leaves it.
    async fn only_look(&self) {
        let found: Vec<(ResourceInstance, String)> = {
            let (state, done) = (self.run.state(), self.done());
            state
                .instances()
                .filter(|(address, _, _)| {
                    address.resource.mode == Mode::Managed
                        && !done.seen.contains(address)
                        && self.is_targeted(address)
                })
                .map(|(address, resource, _)| (address, resource.provider.clone()))
                .collect()
        };
        for (address, provider) in found {
            let Ok((place, schema)) = self.told_by_state(&address, &provider) else { continue };
            match self.run.configured(&place).await {
                // What is wrong was told.
                Ok(configured) => {
                    drop(self.prior(&address, None, "", &place, &schema, &configured).await)
                }
                Err(problems) => self.run.fail(&address, None, problems),
            }
        }
    }

    fn told_by_state(
        &self,
        address: &ResourceInstance,
        provider: &str,
    ) -> Result<(ProviderAddress, Arc<Schema>), ()> {
        let place = ProviderAddress::parse(provider).ok_or_else(|| {
            let detail = format!(
                "The state says that {address} is of {provider}, which is no provider's address."
            );
            self.run
                .tell([neargate_hcl::Diagnostic::error("Invalid provider in the state", detail)]);
        })?;
        let schema = self
            .run
            .stack
            .schema(&place, &address.resource)
            .map_err(|problems| self.run.fail(address, None, problems))?;
        Ok((place, schema))
    }

    /// The `removed` block that covers an instance.
    fn removed(&self, address: &ResourceInstance) -> Option<&Removed> {
        let modules = &self.run.stack.config.modules;
        modules.iter().find_map(|(path, module)| {
            let (above, below) = address.module.0.split_at_checked(path.0.len())?;
            if above.iter().map(|(name, _)| name).ne(&path.0) {
                return None;
            }
            let inner = ResourceInstance {
                module: crate::address::ModuleInstance(below.to_vec()),
                ..address.clone()
            };
            module.removed.iter().find(|removed| removed.from.covers(&inner))
        })
    }

    /// Why the configuration does not have an instance.
    fn reason(&self, address: &ResourceInstance) -> Reason {
        let config = address.config();
        if !self.run.stack.config.modules.contains_key(&config.module) {
            return Reason::NoModule;
        }
        let Some(decl) = self.run.stack.config.resource(&config) else {
            return Reason::NoResourceConfig;
        };
        let instances = self.run.evaluator.world().instances(&config.module);
        if !instances.iter().any(|(module, _)| *module == address.module) {
            return Reason::NoModule;
        }
        let expansion = self.run.evaluator.expansion(
            decl.count.as_ref(),
            decl.for_each.as_ref(),
            &address.module,
        );
        match (expansion, &address.key) {
            (Ok(Expansion::Count(_)), Key::Index(_)) => Reason::CountIndex,
            (Ok(Expansion::Each(_)), Key::Name(_)) => Reason::EachKey,
            _ => Reason::WrongRepetition,
        }
    }
}
