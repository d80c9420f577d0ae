//! What a task has used between two looks. Pure.

use std::collections::BTreeMap;
use std::time::Instant;

use neargate_api::model::ecs::{Container, ContainerStatus, HealthStatus, Task, TaskDefinition};
use neargate_runtime::{NetworkStats, StorageStats, TaskStats, Usage};

/// A look at a task.
pub struct Look {
    pub at: Instant,
    pub stats: TaskStats,
}

/// What happened from one look to the next.
#[derive(Default)]
pub struct Sample {
    pub seconds: f64,
    /// CPUs that it kept busy.
    pub cpus: f64,
    pub memory_bytes: u64,
    pub rx_bytes: u64,
    pub tx_bytes: u64,
    pub read_bytes: u64,
    pub written_bytes: u64,
    /// `None` before it was counted.
    pub disk_bytes: Option<u64>,
    pub containers: BTreeMap<String, ContainerSample>,
}

/// The same of one container.
#[derive(Clone, Copy, Default)]
pub struct ContainerSample {
    pub cpus: f64,
    pub memory_bytes: u64,
    pub read_bytes: u64,
    pub written_bytes: u64,
    /// CPU units and MiB that its definition reserves; 0 is nothing.
    pub cpu_units: u32,
    pub memory_mib: u32,
    /// How often it was started again so far, where its restart policy does that.
    pub restarts: Option<u32>,
    /// What its health check says, where it has one that has said something.
    pub is_unhealthy: Option<bool>,
}

/// What a task has used from `before` to `after`.
pub fn between(before: &Look, after: &Look, task: &Task, definition: &TaskDefinition) -> Sample {
    let nanos = after.at.duration_since(before.at).as_nanos() as f64;
    let (old, new) = (&before.stats, &after.stats);
    let mut sample = Sample {
        seconds: nanos / 1e9,
        cpus: cpus(&old.task, &new.task, nanos),
        memory_bytes: held(&new.task),
        ..Sample::default()
    };
    for (name, now) in &new.networks {
        let was = old.networks.get(name).copied().unwrap_or(NetworkStats::default());
        sample.rx_bytes += now.rx_bytes.saturating_sub(was.rx_bytes);
        sample.tx_bytes += now.tx_bytes.saturating_sub(was.tx_bytes);
    }
    for container in &task.containers {
        let (Some(was), Some(now)) =
            (old.containers.get(&container.name), new.containers.get(&container.name))
        else {
            continue;
        };
        let storage = |stats: &TaskStats| stats.storage.get(&container.name).copied();
        let (storage_was, storage_now) =
            (storage(old).unwrap_or_default(), storage(new).unwrap_or_default());
        let StorageStats { read_bytes, written_bytes } = storage_now;
        let own = ContainerSample {
            cpus: cpus(was, now, nanos),
            memory_bytes: held(now),
            read_bytes: read_bytes.saturating_sub(storage_was.read_bytes),
            written_bytes: written_bytes.saturating_sub(storage_was.written_bytes),
            ..configured(container, definition)
        };
        sample.read_bytes += own.read_bytes;
        sample.written_bytes += own.written_bytes;
        if container.status == ContainerStatus::Running {
            sample.containers.insert(container.name.clone(), own);
        }
    }
    sample
}

fn cpus(before: &Usage, after: &Usage, nanos: f64) -> f64 {
    after.cpu_ns.saturating_sub(before.cpu_ns) as f64 / nanos
}

/// What processes hold, without the page cache that the kernel would drop first.
fn held(usage: &Usage) -> u64 {
    usage.memory_bytes.saturating_sub(usage.memory_inactive_file_bytes)
}

/// What is known of a container without looking at it.
fn configured(container: &Container, definition: &TaskDefinition) -> ContainerSample {
    let defined = definition.containers().iter();
    let mut defined = defined.filter(|own| own.name.as_deref() == Some(&container.name));
    let policy = defined.next().and_then(|own| own.restart_policy.as_ref());
    ContainerSample {
        cpu_units: container.cpu,
        memory_mib: container.memory_reservation.or(container.memory).unwrap_or(0),
        restarts: policy.filter(|policy| policy.enabled).map(|_| container.restarts),
        is_unhealthy: match container.health {
            Some(HealthStatus::Healthy) => Some(false),
            Some(HealthStatus::Unhealthy) => Some(true),
            Some(HealthStatus::Unknown) | None => None,
        },
        ..ContainerSample::default()
    }
}
