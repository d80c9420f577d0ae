//! The end: out of the load balancer, containers stopped in the reverse order of
//! their dependencies, the last lines carried, the interface given back.

use std::time::Duration;

use futures_util::future::join_all;
use neargate_api::StoreError;
use neargate_api::model::ecs::{Task, TaskStatus};
use neargate_api::model::elbv2::Target;
use neargate_plan::containers::may_stop;
use neargate_runtime::ContainerState;

use super::changes::has_targets;
use super::facts::Facts;
use super::run::{Carriers, Stuck, note_exit};
use super::spec::stop_timeout;

/// For how long nothing of the last lines of ended containers may be carried.
const LAST_LINES: Duration = Duration::from_secs(5);

/// Ends the task, whatever of it there is.
pub async fn wind_down(
    facts: &Facts,
    running: Option<neargate_runtime::Task>,
    carriers: Carriers,
) -> Result<(), StoreError> {
    let Some(task) = facts.task() else { return Ok(()) };
    deregister(facts, &task).await?;
    if task.status < TaskStatus::Stopping {
        facts.advance(|change| change.advance(TaskStatus::Stopping)).await?;
    }
    if let Some(running) = &running {
        stop_containers(facts, running).await?;
    }
    if task.status < TaskStatus::Deprovisioning {
        facts.advance(|change| change.advance(TaskStatus::Deprovisioning)).await?;
    }
    if let Err(Stuck) = carriers.finish(running.as_ref(), LAST_LINES).await {
        tracing::warn!(task = task.id, "the last lines of a task could not be carried");
    }
    let deleted = match &running {
        Some(running) => running.delete().await,
        None => facts.hands.runtime.delete(&task.id).await,
    };
    if let Err(error) = deleted {
        tracing::warn!(task = task.id, %error, "what is left of a task could not be removed");
    }
    facts.advance(|change| change.finish()).await
}

/// DEACTIVATING: waits until nothing is in flight to the task any more. A story that was cut
/// short between the two goes on with the wait.
async fn deregister(facts: &Facts, task: &Task) -> Result<(), StoreError> {
    if task.targets.iter().any(|target| target.registered) {
        if task.status < TaskStatus::Deactivating {
            facts.advance(|change| change.advance(TaskStatus::Deactivating)).await?;
        }
        let wall = facts.hands.cloud.clock.wall();
        facts.change(move |change| change.deregister(wall)).await?;
    }
    match capacity_ends(facts, task) {
        None => drained(facts, task).await,
        // What is in flight has until the containers must be told, to have their whole timeout.
        Some(left) => {
            let told = left.saturating_sub(longest_stop(facts));
            if tokio::time::timeout(told, drained(facts, task)).await.is_err() {
                tracing::info!(
                    task = task.id,
                    "requests are in flight still, but its capacity goes"
                );
            }
        }
    }
    Ok(())
}

/// What is left of the capacity of a task that Fargate Spot interrupts: by the machine's
/// time, as all timers of containers, whatever the cloud's is.
fn capacity_ends(facts: &Facts, task: &Task) -> Option<Duration> {
    let interruption = task.interruption.as_ref()?;
    let clock = &facts.hands.cloud.clock;
    let ends = clock.wall_at(interruption.noticed_at).plus_millis(interruption.left_ms);
    Some(Duration::from_millis(ends.millis_since(clock.wall()).max(0) as u64))
}

/// The longest stop timeout of the task's containers.
fn longest_stop(facts: &Facts) -> Duration {
    let definition = facts.definition();
    let containers = definition.as_ref().map(|d| d.containers()).unwrap_or_default();
    containers.iter().map(stop_timeout).max().unwrap_or_default()
}

async fn drained(facts: &Facts, task: &Task) {
    let mut changes = facts.hands.cloud.store.changes_in::<Target>();
    while has_targets(&facts.hands.cloud.store.snapshot(), task) {
        changes.changed().await;
    }
}

/// Stops all containers, dependents before what they depend on.
async fn stop_containers(
    facts: &Facts,
    running: &neargate_runtime::Task,
) -> Result<(), StoreError> {
    let definition = facts.definition();
    let definitions = definition.as_ref().map(|d| d.containers()).unwrap_or_default();
    let task = facts.task();
    let timeout = |name: &str| {
        let left = capacity_ends(facts, task.as_deref()?)?;
        let own = definitions.iter().find(|d| d.name.as_deref() == Some(name)).map(stop_timeout);
        Some(own.map_or(left, |own| own.min(left)))
    };
    loop {
        note_ends(facts, running).await?;
        let states = running.containers();
        let up: Vec<&str> =
            states.iter().filter(|(_, s)| s.is_running()).map(|(name, _)| name.as_str()).collect();
        if up.is_empty() {
            return Ok(());
        }
        let mut wave = may_stop(definitions, &up);
        if wave.is_empty() {
            wave = up;
        }
        let stopped =
            join_all(wave.iter().map(|name| running.stop_container(name, None, timeout(name))))
                .await;
        if let Some(error) = stopped.into_iter().find_map(Result::err) {
            tracing::warn!(%error, "a container could not be stopped; its task is removed as a whole");
            return Ok(());
        }
    }
}

async fn note_ends(facts: &Facts, running: &neargate_runtime::Task) -> Result<(), StoreError> {
    for (name, state) in running.containers() {
        if let ContainerState::Exited(exit) = state {
            note_exit(facts, name, exit).await?;
        }
    }
    Ok(())
}
