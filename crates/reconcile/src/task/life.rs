//! The story from start to end, with the two ways in: a new task, and one that
//! an earlier run of Neargate has left running.

use std::sync::Arc;

use neargate_api::model::ecs::{StopCode, Task, TaskStatus};
use neargate_runtime::Adopted;

use super::facts::{Facts, NotStarted};
use super::{prepare, provision, run, wind_down};
use crate::hands::Hands;

/// Tells the story of the task at `key` to its end.
pub async fn tell(hands: &Arc<Hands>, key: &str) {
    let facts = Facts { hands: hands.clone(), key: key.to_owned() };
    let Some(task) = facts.task() else { return };
    let running = match begin(&facts, &task).await {
        Ok(running) => Some(running),
        Err(NotStarted::Stopped) => adopted(&facts, &task).await,
        Err(NotStarted::Failed(reason)) => {
            tracing::warn!(task = task.id, reason, "a task failed to start");
            if let Err(error) = facts.request_stop(StopCode::TaskFailedToStart, reason).await {
                return broken(&task, &error);
            }
            adopted(&facts, &task).await
        }
        Err(NotStarted::Lost(reason)) => {
            tracing::warn!(task = task.id, reason, "a task was lost");
            if let Err(error) = facts.request_stop(StopCode::TerminationNotice, reason).await {
                return broken(&task, &error);
            }
            None
        }
        Err(NotStarted::Store(error)) => return broken(&task, &error),
    };
    if let Some(running) = &running {
        hands.running.insert(running);
    }
    let carriers =
        running.as_ref().map(|running| run::carry_logs(&facts, running)).unwrap_or_default();
    if let Some(running) = &running
        && let Err(error) = run::run(&facts, running).await
    {
        return broken(&task, &error);
    }
    if let Err(error) = wind_down::wind_down(&facts, running, carriers).await {
        broken(&task, &error);
    }
    hands.running.remove(&task.id);
}

/// The store did not take a fact: this story ends, and the loop begins it again.
fn broken(task: &Task, error: &dyn std::fmt::Display) {
    tracing::error!(task = task.id, %error, "a task's state could not be stored; trying again");
}

/// The containers' hold, if an earlier run or a start cut short has left one.
async fn adopted(facts: &Facts, task: &Task) -> Option<neargate_runtime::Task> {
    match facts.hands.runtime.adopt(&task.id).await {
        Ok(Adopted::Running(running)) => {
            tracing::info!(task = task.id, "adopted a running task");
            Some(running)
        }
        Ok(Adopted::Lost(running)) => Some(running),
        Ok(Adopted::Gone) => None,
        Err(error) => {
            tracing::warn!(task = task.id, %error, "what is left of a task could not be looked at");
            None
        }
    }
}

/// Brings the task to where its containers can start, or finds those that run already.
async fn begin(facts: &Facts, task: &Task) -> Result<neargate_runtime::Task, NotStarted> {
    if task.stop.is_some() || task.status >= TaskStatus::Deactivating {
        return Err(NotStarted::Stopped);
    }
    if let Some(running) = adopted(facts, task).await {
        return Ok(running);
    }
    if task.status >= TaskStatus::Activating {
        // The machine was started anew: what ran is gone, and its service replaces it.
        return Err(NotStarted::Lost(
            "Task was lost: its containers are gone from this machine.".into(),
        ));
    }
    tokio::select! {
        biased;
        () = facts.stop_requested() => Err(NotStarted::Stopped),
        started = start(facts) => started,
    }
}

async fn start(facts: &Facts) -> Result<neargate_runtime::Task, NotStarted> {
    provision::check_size(facts)?;
    provision::check_processor(facts)?;
    let netns = provision::provision(facts).await?;
    facts.advance(|change| change.advance(TaskStatus::Pending)).await?;
    let spec = prepare::prepare(facts, netns).await?;
    // A launch that was cut short may have left a directory.
    let id = spec.id.clone();
    facts
        .hands
        .runtime
        .delete(&id)
        .await
        .map_err(|e| NotStarted::Failed(format!("ResourceInitializationError: {e}")))?;
    facts
        .hands
        .runtime
        .launch(spec)
        .await
        .map_err(|e| NotStarted::Failed(format!("ResourceInitializationError: {e}")))
}
