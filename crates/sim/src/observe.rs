//! What a write has changed, for all who have to know: people, who read the chronicle, whoever is
//! to act on it, and the properties, which are looked at after each.

use neargate_api::{Record, Snapshot};
use neargate_model::cloudwatch::Alarm;
use neargate_model::ecs::{Service, Task};
use neargate_model::elbv2::Target;

use crate::properties::Write;
use crate::world::{Who, World};

impl World {
    /// Takes note of what a write has changed: for the chronicle, for whoever is to act on it,
    /// and for the properties.
    pub fn observe(&mut self, who: Who, before: &Snapshot) {
        let after = self.store().snapshot();
        let mut wakes = false;
        for (old, new) in after.changed_since::<Service>(before) {
            wakes = true;
            self.tell_service(old.as_deref(), new.as_deref());
            if let (Some(old), Some(new)) = (&old, &new) {
                self.tally.note_service(who, old, new);
            }
        }
        for (old, new) in after.changed_since::<Task>(before) {
            wakes = true;
            self.note_task(old.as_deref(), new.as_deref());
            if let Some(new) = &new {
                self.tally.note_task(old.as_deref(), new);
            }
        }
        for (old, new) in after.changed_since::<Target>(before) {
            wakes = true;
            self.tell_target(old.as_deref(), new.as_deref());
        }
        if after.changed_since::<Alarm>(before).next().is_some() {
            wakes = true;
        }
        let write = Write { who, at_ms: self.at_ms, now: self.now(), before, after: &after };
        let found = self.properties.check(&write, &self.machine);
        if self.broken.is_none() {
            self.broken = found;
        }
        if wakes {
            self.look_soon();
        }
    }

    fn tell_service(&mut self, old: Option<&Service>, new: Option<&Service>) {
        let Some(new) = new else { return };
        for deployment in new.deployments.iter().rev() {
            self.chronicle.name(&deployment.id, 'd');
        }
        let last = old.and_then(|old| old.events.front()).map(|event| event.id.as_str());
        let fresh: Vec<_> = new.events.iter().take_while(|e| Some(e.id.as_str()) != last).collect();
        for event in fresh.into_iter().rev() {
            self.tell("service", &event.message);
        }
        if old.is_none_or(|old| old.status != new.status) {
            self.tell("service", &format!("is {}", new.status.as_str()));
        }
    }

    fn note_task(&mut self, old: Option<&Task>, new: Option<&Task>) {
        let Some(new) = new else { return };
        self.chronicle.name(&new.id, 't');
        if old.is_none_or(|old| old.status != new.status) {
            let provider = new.wire.capacity_provider_name.as_deref();
            let on = provider.filter(|_| old.is_none()).map(|provider| format!(" on {provider}"));
            let what = format!("(task {}) {}", new.id, new.status.as_str());
            self.tell("task", &(what + on.as_deref().unwrap_or_default()));
        }
        if old.is_some_and(|old| old.health() != new.health()) {
            self.tell("task", &format!("(task {}) {}", new.id, new.health().as_str()));
        }
        if let Some(stop) = new.stop.as_ref().filter(|_| old.is_some_and(|o| o.stop.is_none())) {
            self.tell("task", &format!("(task {}) is to stop: {}", new.id, stop.reason));
            self.poke_story(&new.key());
        }
        if old.is_none() {
            self.begin_story(&new.key());
        }
    }

    fn tell_target(&mut self, old: Option<&Target>, new: Option<&Target>) {
        let Some(target) = new.or(old) else { return };
        let state = new.map_or("is gone", |target| target.state.as_str());
        if old.map(|old| old.state.as_str()) != Some(state) {
            self.tell("target", &format!("{} {state}", target.ip));
        }
        match new {
            Some(target) => self.note_target(target),
            None => self.poke_drained(),
        }
    }
}
