//! The containers: started in the order of their dependencies, watched, and
//! their facts noted, until the task is asked to stop or an essential one ends.

use std::collections::HashSet;

use neargate_api::StoreError;
use neargate_api::model::ecs::{ContainerStatus, HealthStatus, StopCode, Task, TaskStatus};
use neargate_api::model::elbv2;
use neargate_api::types::ecs::ContainerDefinition;
use neargate_plan::containers::{Start, may_start};
use neargate_runtime::{Event, Exit, Happened};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::facts::Facts;
use super::{health, logs};

/// Runs the containers; answers once the task has to stop.
pub async fn run(facts: &Facts, running: &neargate_runtime::Task) -> Result<(), StoreError> {
    let Some(definition) = facts.definition() else { return Ok(()) };
    let definitions = definition.containers();
    let (health_changes, mut health) = mpsc::channel(16);
    let mut watched = Watched { checks: JoinSet::new(), started: HashSet::new(), health_changes };
    let mut events = running.events();
    let stop_requested = facts.stop_requested();
    tokio::pin!(stop_requested);
    loop {
        step(facts, running, definitions).await?;
        tokio::select! {
            biased;
            () = &mut stop_requested => return Ok(()),
            event = events.next() => {
                let Some(event) = event else {
                    let reason = "Task was lost: its supervisor is gone.".to_owned();
                    return facts.request_stop(StopCode::TaskFailedToStart, reason).await;
                };
                watched.follow(running, definitions, &event);
                note_event(facts, event).await?;
            }
            Some(change) = health.recv() => note_health(facts, change).await?,
        }
    }
}

/// The health checks of the containers that run.
struct Watched {
    checks: JoinSet<()>,
    started: HashSet<String>,
    health_changes: mpsc::Sender<health::Change>,
}

impl Watched {
    fn follow(
        &mut self,
        running: &neargate_runtime::Task,
        definitions: &[ContainerDefinition],
        event: &Event,
    ) {
        if !matches!(event.what, Happened::Started { .. })
            || !self.started.insert(event.container.clone())
        {
            return;
        }
        let definition = definitions.iter().find(|d| d.name.as_deref() == Some(&event.container));
        if let Some(check) = definition.and_then(|d| d.health_check.clone()) {
            let changes = self.health_changes.clone();
            self.checks.spawn(health::watch(
                running.clone(),
                event.container.clone(),
                check,
                changes,
            ));
        }
    }
}

/// Starts what may start, and moves the task on once all containers have left PENDING.
async fn step(
    facts: &Facts,
    running: &neargate_runtime::Task,
    definitions: &[ContainerDefinition],
) -> Result<(), StoreError> {
    let Some(task) = facts.task().filter(|task| task.stop.is_none()) else { return Ok(()) };
    let mut pending = 0;
    for definition in definitions {
        let name = definition.name.as_deref().unwrap_or_default();
        let own = task.containers.iter().find(|c| c.name == name);
        if own.is_none_or(|c| c.status != ContainerStatus::Pending) {
            continue;
        }
        pending += 1;
        match may_start(definition, &task.containers) {
            Start::Waits { .. } => {}
            Start::Never { reason } => {
                return facts.request_stop(StopCode::TaskFailedToStart, reason).await;
            }
            // The answer comes as an event, a failure too.
            Start::Now => {
                if let Err(error) = running.start_container(name).await {
                    let reason = format!("CannotStartContainerError: {error}");
                    let container = name.to_owned();
                    let noted = reason.clone();
                    facts
                        .update(move |task, _| {
                            if let Some(container) = task.container_mut(&container) {
                                container.status = ContainerStatus::Stopped;
                                container.reason = Some(noted);
                            }
                        })
                        .await?;
                    return facts.request_stop(StopCode::TaskFailedToStart, reason).await;
                }
            }
        }
    }
    if pending == 0 && task.status < TaskStatus::Running {
        activate(facts, &task).await?;
    }
    Ok(())
}

/// ACTIVATING and RUNNING: the task is registered with its target groups.
async fn activate(facts: &Facts, task: &Task) -> Result<(), StoreError> {
    facts.advance(TaskStatus::Activating).await?;
    let teller = facts.clone();
    let ip = task.private_ip.clone().unwrap_or_default();
    let now = facts.now();
    facts
        .write(move |tx, key| {
            let Some(task) = tx.get::<Task>(key) else { return };
            for target in task.targets.iter().filter(|target| !target.registered) {
                let zone = Some(task.placement.availability_zone.clone());
                let arn = &target.target_group_arn;
                let told = match elbv2::register_target(tx, arn, &ip, target.port, zone, now) {
                    Ok(_) => format!("registered 1 targets in (target-group {arn})"),
                    Err(error) => {
                        format!("failed to register targets in (target-group {arn}) with (error {error})")
                    }
                };
                teller.tell(tx, &task, &told);
            }
            tx.update::<Task>(key, |task| {
                for target in &mut task.targets {
                    target.registered = true;
                }
                if let Err(refused) = task.advance(TaskStatus::Running, now) {
                    tracing::error!(%refused, "a task was to go back");
                }
            });
        })
        .await
}

async fn note_event(facts: &Facts, event: Event) -> Result<(), StoreError> {
    let Event { container, what, .. } = event;
    match what {
        Happened::Started { notes, .. } => {
            for note in notes {
                tracing::warn!(container, note, "a container was not given all that it asked for");
            }
            set_status(facts, container, ContainerStatus::Running).await
        }
        Happened::Exited(exit) => note_exit(facts, container, exit).await,
        Happened::StartFailed { reason } => {
            let reason = format!("CannotStartContainerError: {reason}");
            let noted = reason.clone();
            facts
                .update(move |task, _| {
                    if let Some(container) = task.container_mut(&container) {
                        container.status = ContainerStatus::Stopped;
                        container.reason = Some(noted);
                    }
                })
                .await?;
            facts.request_stop(StopCode::TaskFailedToStart, reason).await
        }
    }
}

async fn set_status(
    facts: &Facts,
    name: String,
    status: ContainerStatus,
) -> Result<(), StoreError> {
    facts
        .update(move |task, _| {
            if let Some(container) = task.container_mut(&name)
                && container.status == ContainerStatus::Pending
            {
                container.status = status;
            }
        })
        .await
        .map(drop)
}

/// A container's end, with AWS's reason where memory was the cause.
pub async fn note_exit(facts: &Facts, name: String, exit: Exit) -> Result<(), StoreError> {
    facts
        .update(move |task, now| {
            let Some(container) = task.container_mut(&name) else { return };
            if container.status == ContainerStatus::Stopped {
                return;
            }
            container.status = ContainerStatus::Stopped;
            container.exit_code = Some(exit.code);
            if exit.oom_killed {
                container.reason =
                    Some("OutOfMemoryError: Container killed due to memory usage".into());
            } else if exit.unseen {
                container.reason =
                    Some("The container's supervisor was killed; its end was not seen.".into());
            }
            if container.essential {
                task.request_stop(
                    StopCode::EssentialContainerExited,
                    "Essential container in task exited",
                    now,
                );
            }
        })
        .await
        .map(drop)
}

async fn note_health(facts: &Facts, change: health::Change) -> Result<(), StoreError> {
    let health::Change { container, health, output } = change;
    if health == HealthStatus::Unhealthy {
        tracing::info!(container, output, "a container's health check fails");
    }
    facts
        .update(move |task, _| {
            if let Some(container) = task.container_mut(&container) {
                container.health = Some(health);
                container.reason = (health == HealthStatus::Unhealthy).then(|| {
                    format!(
                        "Health check failed: {}",
                        output.trim().chars().take(255).collect::<String>()
                    )
                });
            }
        })
        .await
        .map(drop)
}

/// Carries the output of all containers; see [`logs::carry`].
pub fn carry_logs(facts: &Facts, running: &neargate_runtime::Task) -> JoinSet<()> {
    let mut carriers = JoinSet::new();
    let (Some(task), Some(definition)) = (facts.task(), facts.definition()) else {
        return carriers;
    };
    for definition in definition.containers() {
        let name = definition.name.clone().unwrap_or_default();
        let to = logs::destination(&task, definition);
        let mark = running.dir().join(format!("carried-{name}"));
        carriers.spawn(logs::carry(running.clone(), name, to, facts.hands.lines.clone(), mark));
    }
    carriers
}
