//! The containers: started in the order of their dependencies, watched, and
//! their facts noted, until the task is asked to stop or an essential one ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use neargate_api::model::ecs::{ContainerStatus, HealthStatus, StopCode, TaskStatus};
use neargate_api::types::ecs::ContainerDefinition;
use neargate_api::{StoreError, Timestamp};
use neargate_plan::containers::{Deadline, Start, may_start, start_deadline};
use neargate_plan::restart::restarts;
use neargate_runtime::{ContainerState, Event, Exit, Happened};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::facts::Facts;
use super::{health, logs};

/// Runs the containers; answers once the task has to stop.
pub async fn run(facts: &Facts, running: &neargate_runtime::Task) -> Result<(), StoreError> {
    let Some(definition) = facts.definition() else { return Ok(()) };
    let definitions = definition.containers();
    let (health_changes, mut health) = mpsc::channel(16);
    let mut watched = Watched {
        checks: JoinSet::new(),
        check_of: HashMap::new(),
        begun: HashMap::new(),
        health_changes,
    };
    let mut events = running.events();
    let stop_requested = facts.stop_requested();
    tokio::pin!(stop_requested);
    loop {
        let deadline = step(facts, running, definitions).await?;
        let wait = deadline.as_ref().map_or(i64::MAX, |deadline| {
            let clock = &facts.hands.cloud.clock;
            let due = clock.wall_at(deadline.since).plus_secs(deadline.secs);
            due.millis_since(clock.wall()).max(0)
        });
        tokio::select! {
            biased;
            () = &mut stop_requested => return Ok(()),
            event = events.next() => {
                let Some(event) = event else {
                    let reason = "Task was lost: its supervisor is gone.".to_owned();
                    return facts.request_stop(StopCode::TerminationNotice, reason).await;
                };
                let restarts = watched.follow(running, definitions, &event);
                note_event(facts, event, restarts).await?;
            }
            Some(change) = health.recv() => note_health(facts, change).await?,
            () = tokio::time::sleep(Duration::from_millis(wait as u64)), if deadline.is_some() => {
                let reason = deadline.map(|d| d.reason).unwrap_or_default();
                return facts.request_stop(StopCode::TaskFailedToStart, reason).await;
            }
        }
    }
}

/// What of the containers that run is followed: their health checks, and since when they run.
struct Watched {
    checks: JoinSet<()>,
    /// The check of each container that runs.
    check_of: HashMap<String, AbortHandle>,
    /// When each began that runs, and how often it was started again. The history of
    /// events is told from its beginning to whoever adopts a task.
    begun: HashMap<String, (Timestamp, u32)>,
    health_changes: mpsc::Sender<health::Change>,
}

impl Watched {
    /// Follows an event; how often the container was started again, if that is to be done now.
    fn follow(
        &mut self,
        running: &neargate_runtime::Task,
        definitions: &[ContainerDefinition],
        event: &Event,
    ) -> Option<u32> {
        let name = event.container.as_str();
        let definition = definitions.iter().find(|d| d.name.as_deref() == Some(name));
        match &event.what {
            Happened::Started { .. } => {
                self.begun.entry(name.to_owned()).or_insert((event.at, 0)).0 = event.at;
                if let Some(check) = definition.and_then(|d| d.health_check.clone()) {
                    let changes = self.health_changes.clone();
                    let watch = health::watch(running.clone(), name.to_owned(), check, changes);
                    self.check_of.insert(name.to_owned(), self.checks.spawn(watch));
                }
                None
            }
            Happened::Exited(exit) => {
                if let Some(check) = self.check_of.remove(name) {
                    check.abort();
                }
                let (began, times) = self.begun.get_mut(name)?;
                let policy = definition.and_then(|d| d.restart_policy.as_ref());
                let ran_ms = exit.finished_at.millis_since(*began);
                if exit.unseen || !restarts(policy, exit.code, ran_ms) {
                    return None;
                }
                *times += 1;
                Some(*times)
            }
            Happened::StartFailed { .. } => None,
        }
    }
}

/// Starts what may start, and moves the task on once all containers have left PENDING. Answers
/// with when the task gives up on what is waited for.
async fn step(
    facts: &Facts,
    running: &neargate_runtime::Task,
    definitions: &[ContainerDefinition],
) -> Result<Option<Deadline>, StoreError> {
    let Some(task) = facts.task().filter(|task| task.stop.is_none()) else { return Ok(None) };
    let mut pending = 0;
    let mut deadline: Option<Deadline> = None;
    for definition in definitions {
        let name = definition.name.as_deref().unwrap_or_default();
        let own = task.containers.iter().find(|c| c.name == name);
        if own.is_none_or(|c| c.status != ContainerStatus::Pending) {
            continue;
        }
        pending += 1;
        match may_start(definition, &task.containers) {
            Start::Waits { .. } => {
                let own = start_deadline(definition, definitions, &task.containers);
                deadline = deadline.into_iter().chain(own).min_by_key(Deadline::at);
            }
            Start::Never { reason } => {
                facts.request_stop(StopCode::TaskFailedToStart, reason).await?;
                return Ok(None);
            }
            // The answer comes as an event, a failure too.
            Start::Now => {
                if let Err(error) = running.start_container(name).await {
                    could_not_start(facts, name.to_owned(), error.to_string()).await?;
                    return Ok(None);
                }
            }
        }
    }
    if pending == 0 && task.status < TaskStatus::Running {
        activate(facts).await?;
    }
    Ok(deadline)
}

/// A container that cannot start ends its task.
async fn could_not_start(facts: &Facts, container: String, why: String) -> Result<(), StoreError> {
    facts.change(move |change| change.could_not_start(&container, &why)).await
}

/// ACTIVATING and RUNNING: the task is registered with its target groups.
async fn activate(facts: &Facts) -> Result<(), StoreError> {
    facts.advance(|change| change.advance(TaskStatus::Activating)).await?;
    facts.advance(|change| change.activate()).await
}

async fn note_event(facts: &Facts, event: Event, restarts: Option<u32>) -> Result<(), StoreError> {
    let Event { container, at, what } = event;
    let at = facts.hands.cloud.clock.cloud_at(at);
    match (what, restarts) {
        (Happened::Started { notes, .. }, _) => {
            for note in notes {
                tracing::warn!(container, note, "a container was not given all that it asked for");
            }
            facts.change(move |change| change.note_start(&container, at)).await
        }
        (Happened::Exited(exit), Some(times)) => {
            tracing::info!(container, code = exit.code, "a container ended and is started again");
            let exit = in_cloud_time(facts, exit);
            facts.change(move |change| change.note_restart(&container, &exit, times)).await
        }
        (Happened::Exited(exit), None) => note_exit(facts, container, exit).await,
        (Happened::StartFailed { reason }, _) => could_not_start(facts, container, reason).await,
    }
}

/// A container's end.
pub async fn note_exit(facts: &Facts, name: String, exit: Exit) -> Result<(), StoreError> {
    let exit = in_cloud_time(facts, exit);
    facts.change(move |change| change.note_exit(&name, &exit)).await
}

/// What the shim saw at an instant of the machine, in the cloud's time.
fn in_cloud_time(facts: &Facts, exit: Exit) -> Exit {
    let finished_at = facts.hands.cloud.clock.cloud_at(exit.finished_at);
    Exit { finished_at, ..exit }
}

async fn note_health(facts: &Facts, change: health::Change) -> Result<(), StoreError> {
    let health::Change { container, health, output } = change;
    if health == HealthStatus::Unhealthy {
        tracing::info!(container, output, "a container's health check fails");
    }
    facts.change(move |change| change.note_health(&container, health, &output)).await
}

/// What carries the output of a task's containers.
#[derive(Default)]
pub struct Carriers {
    all: JoinSet<()>,
    of: HashMap<String, AbortHandle>,
    /// Grows while lines are carried.
    batches: Arc<AtomicU64>,
}

/// The output of some containers was given up: nothing of it was carried for so long.
pub struct Stuck;

impl Carriers {
    /// Waits for the last lines of the containers that have run, however many, unless nothing of
    /// them is carried for `patience`. Nothing ends the output of a container that has not run.
    pub async fn finish(
        mut self,
        running: Option<&neargate_runtime::Task>,
        patience: Duration,
    ) -> Result<(), Stuck> {
        for (name, state) in running.into_iter().flat_map(|running| running.containers()) {
            if let (ContainerState::Created, Some(carrier)) = (state, self.of.remove(&name)) {
                carrier.abort();
            }
        }
        loop {
            let before = self.batches.load(Ordering::Relaxed);
            match tokio::time::timeout(patience, self.all.join_next()).await {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(_) if self.batches.load(Ordering::Relaxed) == before => return Err(Stuck),
                Err(_) => {}
            }
        }
    }
}

/// Carries the output of all containers; see [`logs::carry`].
pub fn carry_logs(facts: &Facts, running: &neargate_runtime::Task) -> Carriers {
    let mut carriers = Carriers::default();
    let (Some(task), Some(definition)) = (facts.task(), facts.definition()) else {
        return carriers;
    };
    for definition in definition.containers() {
        let name = definition.name.clone().unwrap_or_default();
        let to = logs::destination(&task, definition);
        let mark = running.dir().join(format!("carried-{name}"));
        let lines = facts.hands.lines.clone();
        let clock = facts.hands.cloud.clock.clone();
        let batches = carriers.batches.clone();
        let carrier = logs::carry(running.clone(), name.clone(), to, lines, mark, clock, batches);
        carriers.of.insert(name, carriers.all.spawn(carrier));
    }
    carriers
}
