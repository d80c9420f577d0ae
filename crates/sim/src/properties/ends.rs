//! How tasks and targets end: what killed a container is told, and a drain that has begun goes
//! on, whoever dies meanwhile.

use std::collections::BTreeSet;

use neargate_api::Snapshot;
use neargate_model::ecs::{Container, ContainerStatus, Task};
use neargate_model::elbv2::{Target, TargetState};

use crate::world::Who;

/// The tasks whose containers the kernel has killed for memory, by their ids.
#[derive(Default)]
pub struct Kills(BTreeSet<String>);

impl Kills {
    pub fn note(&mut self, task_id: &str) {
        self.0.insert(task_id.to_owned());
    }

    /// A container that was killed for memory says so, and no other does; its task ends with it.
    pub fn told(&self, old: Option<&Task>, new: &Task) -> Option<String> {
        let has_ended =
            |task: &Task| task.containers.iter().all(|c| c.status == ContainerStatus::Stopped);
        if !has_ended(new) || old.is_some_and(has_ended) {
            return None;
        }
        if new.stop.is_none() {
            return Some(format!("(task {}) goes on without a container", new.id));
        }
        let was_killed = self.0.contains(&new.id);
        let says_so = |container: &Container| {
            let why = "OutOfMemoryError: Container killed due to memory usage";
            container.exit_code == Some(137) && container.reason.as_deref() == Some(why)
        };
        let mut containers = new.containers.iter();
        (was_killed != containers.any(says_so)).then(|| {
            let killed = if was_killed { "was" } else { "was not" };
            format!("(task {}) {killed} killed for memory and says otherwise", new.id)
        })
    }
}

/// A target that drains does so until it is gone, or another task has its address: its time
/// does not begin anew.
pub fn drains_on(who: Who, before: &Snapshot, after: &Snapshot) -> Option<String> {
    for (old, new) in after.changed_since::<Target>(before) {
        let Some(old) = old.filter(|old| old.state == TargetState::Draining) else { continue };
        let Some(new) = new else { continue };
        let goes_on = new.state == TargetState::Draining && new.drains_until == old.drains_until;
        let is_anew = new.state == TargetState::Initial && who == Who::Story;
        if !goes_on && !is_anew {
            return Some(format!("the drain of {} does not go on", old.ip));
        }
    }
    None
}
