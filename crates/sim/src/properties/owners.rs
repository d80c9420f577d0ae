//! Nothing without a task: not an interface, not a target, not a container, after any write.

use std::collections::BTreeMap;
use std::sync::Arc;

use neargate_api::Snapshot;
use neargate_model::ec2::NetworkInterface;
use neargate_model::ecs::{Task, TaskStatus};
use neargate_model::elbv2::Target;

use super::Write;
use crate::machine::Machine;

fn is_there(task: &Task) -> bool {
    task.status != TaskStatus::Stopped
}

/// A task that has stopped, or is forgotten, leaves neither an interface nor a target.
pub fn left(after: &Snapshot, old: Option<&Task>, new: Option<&Task>) -> Option<String> {
    let task = new.or(old)?;
    if new.is_some_and(is_there) {
        return None;
    }
    let interface = task.interface_id.as_ref().map(|id| format!("{}/{id}", task.region));
    if let Some(key) = interface.filter(|key| after.contains::<NetworkInterface>(key)) {
        return Some(format!("(task {}) is over and leaves its interface {key}", task.id));
    }
    let ip = task.private_ip.as_deref().unwrap_or_default();
    let target = task
        .targets
        .iter()
        .find(|t| after.contains::<Target>(&Target::key_of(&t.target_group_arn, ip, t.port)));
    target.map(|_| format!("(task {}) is over and leaves its target {ip}", task.id))
}

/// What interfaces and targets come do so for a task.
pub fn made(write: &Write<'_>, tasks: &BTreeMap<String, Arc<Task>>) -> Option<String> {
    for (old, new) in write.after.changed_since::<NetworkInterface>(write.before) {
        let Some(new) = new.filter(|_| old.is_none()) else { continue };
        let owner = |task: &Arc<Task>| {
            is_there(task) && task.interface_id.as_ref() == Some(&new.interface_id)
        };
        if !tasks.values().any(owner) {
            return Some(format!("the interface {} has no task", new.interface_id));
        }
    }
    for (old, new) in write.after.changed_since::<Target>(write.before) {
        let Some(new) = new.filter(|_| old.is_none()) else { continue };
        let owner = |task: &Arc<Task>| {
            is_there(task) && task.private_ip.as_deref() == Some(new.ip.as_str())
        };
        if !tasks.values().any(owner) {
            return Some(format!("the target {} has no task", new.ip));
        }
    }
    None
}

/// Every container on the machine is that of a task.
pub fn contained(machine: &Machine, tasks: &BTreeMap<String, Arc<Task>>) -> Option<String> {
    let is_owned = |id: &String| tasks.values().any(|task| is_there(task) && task.id == *id);
    let orphan = machine.containers.keys().find(|id| !is_owned(id))?;
    Some(format!("the container of (task {orphan}) has no task"))
}
