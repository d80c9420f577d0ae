//! An object made or changed, or data read, once everything that it needs is known.

use std::time::Duration;

use neargate_hcl::{Diagnostic, Marks, Value};

use super::Applier;
use crate::address::{Mode, ResourceInstance};
use crate::config::{Condition, ResourceDecl};
use crate::eval::Object as Checked;
use crate::eval::world::Repetition;
use crate::plan::{Action, ResourceChange, Wanted, ask, ignoring};
use crate::provider::{Applied, Object};
use crate::run::{Event, id_of};
use crate::state::InstanceState;
use crate::{objects, paths};

impl Applier<'_> {
    /// Does a change that leaves an object, and tells what its name stands for.
    pub(super) async fn make(
        &self,
        change: &ResourceChange,
        decl: &ResourceDecl,
        repetition: &Repetition,
    ) -> Result<Value, ()> {
        let address = &change.address;
        self.hold(&decl.lifecycle.preconditions, "precondition", address, repetition, None)?;
        let config = self.run.config_of(decl, &change.schema, address, repetition)?;
        let _permit = self.run.limit.acquire().await.map_err(drop)?;
        if self.stopped() {
            return Err(());
        }
        let told = |problems| self.run.fail(address, Some(decl), problems);
        let provider = self.run.configured(&change.provider).await.map_err(told)?;
        let wanted = Wanted { address, decl, schema: &change.schema, provider: &provider, config };
        let value = match (address.resource.mode, change.action) {
            (Mode::Data, _) => self.read(&wanted, change).await?,
            (_, Action::Update) => self.update(&wanted, change).await?,
            _ => self.create(&wanted, change).await?,
        };
        self.hold(
            &decl.lifecycle.postconditions,
            "postcondition",
            address,
            repetition,
            Some(&value),
        )?;
        Ok(value)
    }

    async fn create(&self, wanted: &Wanted<'_>, change: &ResourceChange) -> Result<Value, ()> {
        let address = wanted.address;
        let deposed = self.deposed.get(address);
        if let Some(key) = deposed {
            self.run.state().depose(address, key);
            self.keep();
        }
        if let Some(taken_over) = self.take_over(wanted, change).await? {
            return Ok(taken_over);
        }
        let planned = ask(wanted, None, &wanted.config)
            .await
            .map_err(|problems| self.run.fail(address, Some(wanted.decl), problems))?;
        let mark = self.intend(wanted, change, &planned.value)?;
        let object = Object { value: planned.value.unmark_deep().0, private: planned.private };
        let config = wanted.config.clone().unmark_deep().0;
        let of_type = &address.resource.of_type;
        let call = wanted.provider.create_marked(of_type, object, config, &mark);
        let made = self.timed(change, Action::Create, None, call, |applied| applied).await;
        if let (None, Some(key)) = (&made.object, deposed) {
            self.restore(address, key);
        }
        let object = made.object.clone();
        let settled = self.settle(wanted, change, made, true);
        let is_made = object.is_some();
        if let Some(object) = object {
            let unmarked = wanted.provider.unmark(of_type, object, &mark).await;
            unmarked.map_err(|problems| self.run.fail(address, Some(wanted.decl), problems))?;
        }
        self.over(address, is_made);
        settled
    }

    /// The replacement was not made: what was there is the current object still.
    fn restore(&self, address: &ResourceInstance, key: &str) {
        let mut state = self.run.state();
        if let Some(provider) = state.provider_of(address).map(str::to_owned)
            && let Some(mut object) = state.remove(address, key)
        {
            object.deposed = String::new();
            state.put(address, &provider, object);
        }
    }

    async fn update(&self, wanted: &Wanted<'_>, change: &ResourceChange) -> Result<Value, ()> {
        let address = wanted.address;
        let told = |problems| self.run.fail(address, Some(wanted.decl), problems);
        let Some(known) = self.run.state().get(address).cloned() else { return Err(()) };
        let before = objects::from_state(&known, wanted.schema).map_err(|_| ())?;
        let prior = Object { value: before, private: known.private };
        let ignored = &wanted.decl.lifecycle.ignore_changes;
        let config = ignoring(ignored, &prior.value, &wanted.config, &wanted.schema.block);
        let planned = ask(wanted, Some(&prior), &config).await.map_err(told)?;
        let id = id_of(&prior.value);
        let plain = |value: Value| value.unmark_deep().0;
        let object = Object { value: plain(planned.value), private: planned.private };
        let prior = Object { value: plain(prior.value), private: prior.private };
        let call = wanted.provider.update(&address.resource.of_type, prior, object, plain(config));
        let made = self.timed(change, Action::Update, id, call, |applied| applied).await;
        self.settle(wanted, change, made, false)
    }

    async fn read(&self, wanted: &Wanted<'_>, change: &ResourceChange) -> Result<Value, ()> {
        let address = wanted.address;
        let config = wanted.config.clone().unmark_deep().0;
        let call = wanted.provider.read_data(&address.resource.of_type, config);
        let read = self
            .timed(change, Action::Read, None, call, |read| match read {
                Ok(value) => Applied::done(Object::new(value)),
                Err(problems) => Applied::failed(problems),
            })
            .await;
        self.settle(wanted, change, read, false)
    }

    /// Puts what an apply came to into the state.
    pub(super) fn settle(
        &self,
        wanted: &Wanted<'_>,
        change: &ResourceChange,
        made: Applied,
        new: bool,
    ) -> Result<Value, ()> {
        let address = wanted.address;
        let mut failed = self.run.tell_of(address, Some(wanted.decl), made.problems);
        let mut known = None;
        if let Some(object) = made.object {
            if !object.value.is_wholly_known() {
                let detail = format!(
                    "After the apply operation, the provider still indicated an unknown value for {address}. All values must be known after apply, so this is always a bug in the provider."
                );
                let error = Diagnostic::error(
                    "Provider returned invalid result object after apply",
                    detail,
                );
                failed |= self.run.tell_of(address, Some(wanted.decl), vec![error]);
            }
            let marks = paths::marked(&wanted.config, Marks::SENSITIVE);
            let marked = paths::mark(object.value, &marks);
            let value = objects::with_schema_marks(marked, &wanted.schema.block);
            let mut instance =
                InstanceState { private: object.private, ..InstanceState::default() };
            if address.resource.mode == Mode::Managed {
                instance.dependencies = self.dependencies(&address.config());
                instance.create_before_destroy = self.before_create.contains(&address.config());
            }
            if failed && new {
                instance.status = "tainted".to_owned();
            }
            objects::into_state(&mut instance, &value, wanted.schema);
            self.run.state().put(address, &change.provider.to_string(), instance);
            known = Some(value);
        }
        self.keep();
        if failed {
            return Err(());
        }
        {
            let mut done = self.done();
            match change.action {
                Action::Read | Action::NoOp => {}
                Action::Update => done.summary.change += 1,
                _ => done.summary.add += 1,
            }
            done.summary.import += usize::from(change.importing.is_some());
        }
        known.ok_or(())
    }

    /// Waits for a call, and tells of it as it goes on.
    pub(super) async fn timed<T>(
        &self,
        change: &ResourceChange,
        action: Action,
        id: Option<String>,
        call: impl Future<Output = T>,
        as_applied: impl FnOnce(T) -> Applied,
    ) -> Applied {
        let (at, deposed) = (change.address.clone(), change.deposed.clone());
        let observer = self.run.observer;
        let started = self.around.clock.wall();
        let elapsed = || {
            let millis = self.around.clock.wall().0.saturating_sub(started.0);
            Duration::from_millis(u64::try_from(millis).unwrap_or(0))
        };
        observer.event(Event::Started {
            at: at.clone(),
            deposed: deposed.clone(),
            action,
            id: id.clone(),
        });
        let mut call = Box::pin(call);
        let applied = loop {
            let waited = tokio::time::timeout(Duration::from_secs(10), &mut call).await;
            match waited {
                Ok(result) => break as_applied(result),
                Err(_) => observer.event(Event::StillGoing {
                    at: at.clone(),
                    deposed: deposed.clone(),
                    action,
                    id: id.clone(),
                    elapsed: elapsed(),
                }),
            }
        };
        if applied.problems.iter().any(Diagnostic::is_error) {
            observer.event(Event::Failed { at, action, elapsed: elapsed() });
        } else {
            let id = applied.object.as_ref().and_then(|object| id_of(&object.value)).or(id);
            observer.event(Event::Completed { at, deposed, action, id, elapsed: elapsed() });
        }
        applied
    }

    fn hold(
        &self,
        conditions: &[Condition],
        what: &str,
        address: &ResourceInstance,
        repetition: &Repetition,
        this: Option<&Value>,
    ) -> Result<(), ()> {
        let at = Checked {
            module: address.module.clone(),
            kind: "resource",
            what: format!("{}{}", address.resource, address.key),
        };
        let summary = format!("Resource {what} failed");
        let mut problems = Vec::new();
        self.run.evaluator.must_hold(
            conditions,
            (&summary, &at),
            (repetition, this),
            &mut problems,
        );
        let told = problems.into_iter().map(|problem| problem.of(address.to_string()));
        if self.run.tell(told) { Err(()) } else { Ok(()) }
    }
}
