//! Fargate Spot, as its operator has it and AWS's users do not: a task's capacity
//! is taken back, or there is none for new tasks. What follows is ECS's own: the
//! task stops with its two minutes, its service replaces it, events tell.

use std::sync::Arc;

use neargate_api::model::ecs::{FARGATE_SPOT, Service, SpotShortage, Task, TaskStatus};
use neargate_api::{Cloud, Record, StoreError, Tx};

/// Why it was not done.
#[derive(Debug)]
pub enum SpotError {
    Refused(String),
    Store(StoreError),
}

impl From<StoreError> for SpotError {
    fn from(error: StoreError) -> Self {
        SpotError::Store(error)
    }
}

/// The notice: the task at `reference` (its id or ARN, or how its id begins) has `left_ms`
/// until its capacity is gone. Gives its id.
pub async fn interrupt(cloud: &Cloud, reference: &str, left_ms: i64) -> Result<String, SpotError> {
    let (reference, now) = (reference.to_owned(), cloud.clock.now());
    let written = cloud.store.write(move |tx| {
        let task = interruptible(tx, &reference)?;
        tx.update::<Task>(&task.key(), |task| task.interrupt(left_ms, now));
        Ok(task.id.clone())
    });
    written.await
}

/// From now on there is no capacity for new tasks, or there is again: then services that
/// wait for it try at once. Gives whether that is a change.
pub async fn set_shortage(cloud: &Cloud, short: bool) -> Result<bool, SpotError> {
    let now = cloud.clock.now();
    let written = cloud.store.write(move |tx| {
        let is_change = tx.view().contains::<SpotShortage>(SpotShortage::KEY) != short;
        match short {
            true if is_change => tx.put(SpotShortage { since: now }),
            true => {}
            false => {
                tx.delete::<SpotShortage>(SpotShortage::KEY);
                try_again(tx);
            }
        }
        Ok(is_change)
    });
    written.await
}

/// Deployments that wait for capacity look for it at once.
fn try_again(tx: &mut Tx) {
    let waits = |service: &Arc<Service>| {
        service.deployments.iter().any(|deployment| {
            let mut providers = deployment.capacity_provider_strategy.iter();
            deployment.next_placement_at.is_some()
                && providers.any(|item| item.capacity_provider == FARGATE_SPOT)
        })
    };
    let waiting: Vec<String> =
        tx.view().all::<Service>().filter(waits).map(|service| service.key()).collect();
    for key in waiting {
        tx.update::<Service>(&key, |service| {
            for deployment in &mut service.deployments {
                deployment.next_placement_at = None;
            }
        });
    }
}

fn interruptible(tx: &Tx, reference: &str) -> Result<Arc<Task>, SpotError> {
    let refuse = |why: String| Err(SpotError::Refused(why));
    let id = Task::id_in(reference);
    let mut found: Vec<_> =
        tx.view().all::<Task>().filter(|task| !id.is_empty() && task.id.starts_with(id)).collect();
    let Some(task) = found.pop() else {
        return refuse(format!("there is no task {id}: `neargate status` shows those that are"));
    };
    if !found.is_empty() {
        return refuse(format!("{} tasks begin with {id}: give more of its id", found.len() + 1));
    }
    let provider = task.wire.capacity_provider_name.as_deref().unwrap_or("the FARGATE launch type");
    if provider != FARGATE_SPOT {
        return refuse(format!(
            "task {} runs on {provider}: only tasks on FARGATE_SPOT can be interrupted",
            task.id
        ));
    }
    if task.status == TaskStatus::Stopped || task.stop.is_some() {
        let reason = task.stop.as_ref().map_or("", |stop| stop.reason.as_str());
        return refuse(format!("task {} stops already: {reason}", task.id));
    }
    Ok(task)
}
