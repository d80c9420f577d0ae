//! What containers print, on its way to CloudWatch Logs. Lines are taken from
//! the shim's files and forgotten there once the log memory has them, so that
//! none is lost whoever dies; after a crash a last batch may come twice.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use neargate_api::model::ecs::Task;
use neargate_api::types::ecs::ContainerDefinition;
use neargate_api::{Clock, Timestamp};
use neargate_loglines::{LogLines, NewEvent};
use neargate_plan::logs::{Joiner, Message, Pattern};
use neargate_runtime::logs::{Batch, Tail};

/// Where a container's lines go.
#[derive(Clone, Debug)]
pub struct Destination {
    pub region: String,
    pub group: String,
    pub stream: String,
    pub create_group: bool,
    /// What the first line of an event of several lines looks like.
    pub start: Option<Pattern>,
}

/// The destination by a container's `awslogs` options: `PREFIX/CONTAINER/TASK`.
pub fn destination(task: &Task, container: &ContainerDefinition) -> Option<Destination> {
    let configuration = container.log_configuration.as_ref()?;
    let option = |name: &str| configuration.options.as_ref()?.get(name).cloned();
    let name = container.name.as_deref().unwrap_or_default();
    let prefix = option("awslogs-stream-prefix")?;
    Some(Destination {
        region: option("awslogs-region").unwrap_or_else(|| task.region.clone()),
        group: option("awslogs-group")?,
        stream: format!("{prefix}/{name}/{}", task.id),
        create_group: option("awslogs-create-group").as_deref() == Some("true"),
        // Registration has refused those that are none.
        start: option("awslogs-datetime-format")
            .and_then(|format| Pattern::datetime(&format).ok())
            .or_else(|| Pattern::regex(&option("awslogs-multiline-pattern")?).ok()),
    })
}

/// Bytes of lines that are carried at once: within a PutLogEvents batch.
const BATCH_BYTES: usize = 1 << 20;

/// What further lines of an event are waited for, as awslogs does.
const LAST_OF_EVENT: Duration = Duration::from_secs(5);

/// Carries all lines of one container; ends when it has ended and all were carried. What was
/// carried meanwhile is counted in `batches`.
pub async fn carry(
    task: neargate_runtime::Task,
    container: String,
    to: Option<Destination>,
    lines: LogLines,
    mark: PathBuf,
    clock: Clock,
    batches: Arc<AtomicU64>,
) {
    let offset = tokio::fs::read_to_string(&mark)
        .await
        .ok()
        .and_then(|t| t.trim().parse().ok())
        .unwrap_or(0);
    let tail = match task.logs(&container, offset) {
        Ok(tail) => tail,
        Err(error) => {
            return tracing::warn!(%error, container, "a container's output cannot be read");
        }
    };
    let joiner = Joiner::new(to.as_ref().and_then(|to| to.start.clone()));
    Carrier { container, to, lines, mark, tail, joiner, carried: offset, clock, batches }
        .run()
        .await;
}

struct Carrier {
    container: String,
    to: Option<Destination>,
    lines: LogLines,
    mark: PathBuf,
    tail: Tail,
    joiner: Joiner<Timestamp>,
    /// How far the log was read.
    carried: u64,
    clock: Clock,
    batches: Arc<AtomicU64>,
}

impl Carrier {
    async fn run(mut self) {
        loop {
            let wait = self.joiner.pending_from().map_or(Duration::MAX, |_| LAST_OF_EVENT);
            let events = match tokio::time::timeout(wait, self.tail.next(BATCH_BYTES)).await {
                Err(_) => self.joiner.flush().into_iter().map(event).collect(),
                Ok(Ok(Some(batch))) => self.joined(&batch),
                Ok(Ok(None)) => {
                    let last = self.joiner.flush().into_iter().map(event).collect();
                    return self.store(last).await;
                }
                Ok(Err(error)) => {
                    let container = &self.container;
                    return tracing::warn!(%error, container, "a container's output cannot be read");
                }
            };
            self.store(events).await;
        }
    }

    /// The events that the lines of a batch complete.
    fn joined(&mut self, batch: &Batch) -> Vec<NewEvent> {
        if batch.skipped > 0 {
            tracing::warn!(
                container = self.container,
                bytes = batch.skipped,
                "output was given up: nobody had read it in time"
            );
        }
        self.carried = batch.next_offset;
        let mut events = Vec::new();
        for (offset, line) in batch.with_offsets().filter(|(_, line)| !line.bytes.is_empty()) {
            let text = String::from_utf8_lossy(&line.bytes).into_owned();
            // The shim goes by the machine's time, log events by the cloud's.
            let at = self.clock.cloud_at(line.at);
            let message = Message { at, text, offset };
            events.extend(self.joiner.take(message).map(event));
        }
        events
    }

    /// Stores events, and forgets the lines that they are made of.
    async fn store(&mut self, events: Vec<NewEvent>) {
        let container = &self.container;
        if let Some(to) = self.to.as_ref().filter(|_| !events.is_empty()) {
            let group = neargate_api::model::logs::lines_key(&to.region, &to.group);
            while let Err(error) = self.lines.append(&group, &to.stream, events.clone()).await {
                tracing::warn!(%error, container, "log lines could not be stored; trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        self.batches.fetch_add(1, Ordering::Relaxed);
        let done = self.joiner.pending_from().unwrap_or(self.carried);
        if tokio::fs::write(&self.mark, done.to_string()).await.is_ok()
            && let Err(error) = self.tail.trim(done)
        {
            tracing::debug!(%error, container, "carried output could not be freed");
        }
    }
}

fn event(message: Message<Timestamp>) -> NewEvent {
    let at = message.at.millis();
    NewEvent { timestamp_ms: at, ingestion_ms: at, message: message.text }
}
