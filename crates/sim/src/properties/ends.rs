//! How tasks and targets end: what killed a container is told, and a drain that has begun goes
//! on, whoever dies meanwhile.

use std::collections::BTreeSet;

use neargate_model::ecs::{Container, ContainerStatus, Task};
use neargate_model::elbv2::{Target, TargetState};

use super::Write;
use crate::world::Who;

/// The tasks whose containers the kernel has killed for memory, by their ids.
#[derive(Default)]
pub struct Kills {
    all: BTreeSet<String>,
    /// Those of which that was told.
    told: BTreeSet<String>,
}

impl Kills {
    pub fn note(&mut self, task_id: &str) {
        self.all.insert(task_id.to_owned());
    }

    /// What was not told before the machine was started anew, nobody knows.
    pub fn forget(&mut self) {
        self.all.clone_from(&self.told);
    }

    /// A container that was killed for memory says so, whatever is told of it later, and no other
    /// does; its task ends with it.
    pub fn check(&mut self, new: &Task) -> Option<String> {
        if !new.containers.iter().all(|c| c.status == ContainerStatus::Stopped) {
            return None;
        }
        if new.stop.is_none() {
            return Some(format!("(task {}) goes on without a container", new.id));
        }
        let was_killed = self.all.contains(&new.id);
        let says_so = |container: &Container| {
            let why = "OutOfMemoryError: Container killed due to memory usage";
            container.exit_code == Some(137) && container.reason.as_deref() == Some(why)
        };
        let is_told = new.containers.iter().any(says_so);
        if is_told {
            self.told.insert(new.id.clone());
        }
        (was_killed != is_told).then(|| {
            let killed = if was_killed { "was" } else { "was not" };
            format!("(task {}) {killed} killed for memory and says otherwise", new.id)
        })
    }
}

/// A target that drains does so until it is gone, or another task has its address: its time
/// does not begin anew.
pub fn drains_on(write: &Write<'_>) -> Option<String> {
    for (old, new) in write.after.changed_since::<Target>(write.before) {
        let Some(old) = old.filter(|old| old.state == TargetState::Draining) else { continue };
        let Some(new) = new else { continue };
        let goes_on = new.state == TargetState::Draining && new.drains_until == old.drains_until;
        let is_anew = new.state == TargetState::Initial && write.who == Who::Story;
        if !goes_on && !is_anew {
            return Some(format!("the drain of {} does not go on", old.ip));
        }
    }
    None
}
