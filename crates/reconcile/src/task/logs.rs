//! What containers print, on its way to CloudWatch Logs. Lines are taken from
//! the shim's files and forgotten there once the log memory has them, so that
//! none is lost whoever dies; after a crash a last batch may come twice.

use std::path::PathBuf;

use neargate_api::model::ecs::Task;
use neargate_api::types::ecs::ContainerDefinition;
use neargate_loglines::{LogLines, NewEvent};
use neargate_runtime::logs::Batch;

/// Where a container's lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub region: String,
    pub group: String,
    pub stream: String,
    pub create_group: bool,
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
    })
}

/// Bytes of lines that are carried at once: within a PutLogEvents batch.
const BATCH_BYTES: usize = 1 << 20;

/// Carries all lines of one container; ends when it has ended and all were carried.
pub async fn carry(
    task: neargate_runtime::Task,
    container: String,
    to: Option<Destination>,
    lines: LogLines,
    mark: PathBuf,
) {
    let offset = tokio::fs::read_to_string(&mark)
        .await
        .ok()
        .and_then(|t| t.trim().parse().ok())
        .unwrap_or(0);
    let mut tail = match task.logs(&container, offset) {
        Ok(tail) => tail,
        Err(error) => {
            return tracing::warn!(%error, container, "a container's output cannot be read");
        }
    };
    loop {
        let batch = match tail.next(BATCH_BYTES).await {
            Ok(Some(batch)) => batch,
            Ok(None) => return,
            Err(error) => {
                return tracing::warn!(%error, container, "a container's output cannot be read");
            }
        };
        let next_offset = batch.next_offset;
        if batch.skipped > 0 {
            tracing::warn!(
                container,
                bytes = batch.skipped,
                "output was given up: nobody had read it in time"
            );
        }
        if let Some(to) = &to {
            let group = neargate_api::model::logs::lines_key(&to.region, &to.group);
            while let Err(error) = lines.append(&group, &to.stream, events(&batch)).await {
                tracing::warn!(%error, container, "log lines could not be stored; trying again");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
        if tokio::fs::write(&mark, next_offset.to_string()).await.is_ok()
            && let Err(error) = tail.trim(next_offset)
        {
            tracing::debug!(%error, container, "carried output could not be freed");
        }
    }
}

fn events(batch: &Batch) -> Vec<NewEvent> {
    let lines = batch.lines.iter().filter(|line| !line.bytes.is_empty());
    lines
        .map(|line| NewEvent {
            timestamp_ms: line.at.millis(),
            ingestion_ms: line.at.millis(),
            message: String::from_utf8_lossy(&line.bytes).into_owned(),
        })
        .collect()
}
