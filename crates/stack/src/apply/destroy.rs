//! An object destroyed, or forgotten.

use super::Applier;
use crate::address::ResourceInstance;
use crate::objects;
use crate::plan::Action;
use crate::provider::{Applied, Object};
use crate::run::id_of;

impl Applier<'_> {
    /// Destroys an object that the plan destroys; of one that made room for its replacement, the one
    /// under its new key.
    pub(super) async fn destroy(
        &self,
        address: &ResourceInstance,
        deposed: Option<&str>,
    ) -> Result<(), ()> {
        let planned = self.changes.get(&(address.clone(), deposed.map(str::to_owned)));
        let Some(mut change) = planned.cloned() else { return Ok(()) };
        if change.action == Action::CreateThenDelete {
            change.deposed = self.deposed.get(address).cloned();
        }
        let key = change.deposed.clone().unwrap_or_default();
        if change.action == Action::Forget {
            self.run.state().remove(address, &key);
            self.keep();
            self.done().summary.forget += 1;
            return Ok(());
        }
        let _permit = self.run.limit.acquire().await.map_err(drop)?;
        if self.stopped() {
            return Err(());
        }
        let decl = self.run.stack.config.resource(&address.config());
        let Some(instance) = self.run.state().object(address, &key).cloned() else { return Ok(()) };
        let told = |problems| self.run.fail(address, decl, problems);
        let provider = self.run.configured(&change.provider).await.map_err(told)?;
        let before = objects::from_state(&instance, &change.schema).map_err(|_| ())?;
        let id = id_of(&before);
        let object = Object { value: before.unmark_deep().0, private: instance.private };
        let call = provider.delete(&address.resource.of_type, object);
        let ended = self
            .timed(&change, Action::Delete, id, call, |deleted| match deleted {
                Ok(()) => Applied { object: None, problems: Vec::new() },
                Err(problems) => Applied::failed(problems),
            })
            .await;
        if self.run.tell_of(address, decl, ended.problems) {
            self.keep();
            return Err(());
        }
        self.run.state().remove(address, &key);
        self.keep();
        self.done().summary.destroy += 1;
        Ok(())
    }
}
