//! The metrics of Container Insights that come from what a task uses: a value per task and minute,
//! and, with enhanced observability, of each task and container by itself. Pure.
//!
//! Sources: "Amazon ECS Container Insights metrics", and "Amazon ECS Container Insights with
//! enhanced observability metrics", in the CloudWatch guide. The latter lists two of the
//! containers' metrics (CPU utilization, network) by task alone, as is done here. What counts as
//! the use of ephemeral storage is what containers and volumes have written; on AWS the image
//! lies there too.

use neargate_api::model::ecs::Cluster;
use neargate_series::{Metric, StatisticSet, Unit};

use super::minute::{BYTES_OF_A_MIB, ContainerSums, Of, Sums, UNITS_OF_A_CPU};
use crate::told::Told;

pub const NAMESPACE: &str = "ECS/ContainerInsights";
const BYTES_OF_A_GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const BYTES_OF_A_GB: f64 = 1e9;

/// The cluster's setting `containerInsights`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insights {
    Off,
    Enabled,
    Enhanced,
}

impl Insights {
    pub fn of(cluster: Option<&Cluster>) -> Self {
        let settings = cluster.filter(|cluster| cluster.active).map(|cluster| &cluster.settings);
        let mut settings = settings.into_iter().flatten();
        let setting = settings.find(|s| s.name.as_deref() == Some("containerInsights"));
        match setting.and_then(|setting| setting.value.as_deref()) {
            Some("enabled") => Insights::Enabled,
            Some("enhanced") => Insights::Enhanced,
            _ => Insights::Off,
        }
    }
}

type Dimensions<'a> = Vec<(&'static str, &'a str)>;

/// Tells what is made of one task's minute.
pub fn tell(of: &Of, sums: &Sums, told: &mut Told) {
    if of.insights == Insights::Off {
        return;
    }
    let sets = task_sets(of);
    let mut level = |name: &str, unit, value: f64| {
        for set in &sets {
            told.level(metric(of, name, set), unit, value);
        }
    };
    let cpu_units = sums.cpus / sums.looks * UNITS_OF_A_CPU;
    let memory_mib = sums.memory_bytes / sums.looks / BYTES_OF_A_MIB;
    let disk_reserved = f64::from(of.disk_gib) * BYTES_OF_A_GIB;
    level("CpuUtilized", Unit::NONE, cpu_units);
    level("CpuReserved", Unit::NONE, of.cpu_units.into());
    level("MemoryUtilized", Unit::MEGABYTES, memory_mib);
    level("MemoryReserved", Unit::MEGABYTES, of.memory_mib.into());
    level("NetworkRxBytes", Unit::BYTES_PER_SECOND, sums.rx_bytes / sums.seconds);
    level("NetworkTxBytes", Unit::BYTES_PER_SECOND, sums.tx_bytes / sums.seconds);
    level("EphemeralStorageReserved", Unit::GIGABYTES, disk_reserved / BYTES_OF_A_GB);
    if let Some(bytes) = sums.disk_bytes {
        level("EphemeralStorageUtilized", Unit::GIGABYTES, bytes as f64 / BYTES_OF_A_GB);
    }
    let is_enhanced = of.insights == Insights::Enhanced;
    if is_enhanced {
        let percent = |used: f64, of: u32| 100.0 * used / f64::from(of);
        level("TaskCpuUtilization", Unit::PERCENT, percent(cpu_units, of.cpu_units));
        level("TaskMemoryUtilization", Unit::PERCENT, percent(memory_mib, of.memory_mib));
        if let Some(bytes) = sums.disk_bytes {
            let percent = 100.0 * bytes as f64 / disk_reserved;
            level("TaskEphemeralStorageUtilization", Unit::PERCENT, percent);
        }
    }
    count(of, &sets, "StorageReadBytes", Unit::BYTES, sums.read_bytes, told);
    count(of, &sets, "StorageWriteBytes", Unit::BYTES, sums.written_bytes, told);
    for (name, container) in &sums.containers {
        restarts(of, name, container, told);
        if is_enhanced {
            of_container(of, sums, name, container, &sets, told);
        }
    }
}

/// What enhanced observability has of one container.
fn of_container(
    of: &Of,
    task: &Sums,
    name: &str,
    sums: &ContainerSums,
    of_task: &[Dimensions<'_>],
    told: &mut Told,
) {
    let sets = container_sets(of, name);
    let mut level = |sets: &[Dimensions<'_>], name: &str, unit, value: f64| {
        for set in sets {
            told.level(metric(of, name, set), unit, value);
        }
    };
    let or = |own: u32, task: u32| f64::from(if own == 0 { task } else { own });
    let cpu_units = sums.cpus / sums.looks * UNITS_OF_A_CPU;
    let cpu_reserved = or(sums.cpu_units, of.cpu_units);
    let memory_mib = sums.memory_bytes / sums.looks / BYTES_OF_A_MIB;
    let memory_reserved = or(sums.memory_mib, of.memory_mib);
    level(&sets, "ContainerCpuUtilized", Unit::NONE, cpu_units);
    level(&sets, "ContainerCpuReserved", Unit::NONE, cpu_reserved);
    level(of_task, "ContainerCpuUtilization", Unit::PERCENT, 100.0 * cpu_units / cpu_reserved);
    level(&sets, "ContainerMemoryUtilized", Unit::MEGABYTES, memory_mib);
    level(&sets, "ContainerMemoryReserved", Unit::MEGABYTES, memory_reserved);
    let memory_percent = 100.0 * memory_mib / memory_reserved;
    level(&sets, "ContainerMemoryUtilization", Unit::PERCENT, memory_percent);
    // All containers of a task share its network.
    let per_second = Unit::BYTES_PER_SECOND;
    level(of_task, "ContainerNetworkRxBytes", per_second, task.rx_bytes / task.seconds);
    level(of_task, "ContainerNetworkTxBytes", per_second, task.tx_bytes / task.seconds);
    if let Some(is_unhealthy) = sums.is_unhealthy {
        level(&sets, "UnHealthyContainerHealthStatus", Unit::COUNT, f64::from(is_unhealthy));
    }
    count(of, &sets, "ContainerStorageReadBytes", Unit::BYTES, sums.read_bytes, told);
    count(of, &sets, "ContainerStorageWriteBytes", Unit::BYTES, sums.written_bytes, told);
}

/// How often a container with a restart policy was started again in this minute.
fn restarts(of: &Of, name: &str, sums: &ContainerSums, told: &mut Told) {
    let Some((first, last)) = sums.restarts else { return };
    let mut sets = task_sets(of);
    if of.insights == Insights::Enhanced {
        sets.extend(container_sets(of, name).into_iter().skip(1));
    }
    count(of, &sets, "RestartCount", Unit::COUNT, f64::from(last.saturating_sub(first)), told);
}

fn count(of: &Of, sets: &[Dimensions<'_>], name: &str, unit: Unit, value: f64, told: &mut Told) {
    for set in sets {
        told.count(metric(of, name, set), unit, StatisticSet::of(value));
    }
}

fn metric(of: &Of, name: &str, dimensions: &Dimensions<'_>) -> Metric {
    Metric::new(&of.region, NAMESPACE, name, dimensions.iter().copied())
}

/// The dimensions that a task counts for: cluster, family and service, and, with enhanced
/// observability, itself.
fn task_sets(of: &Of) -> Vec<Dimensions<'_>> {
    let cluster = ("ClusterName", of.cluster.as_str());
    let mut sets = vec![vec![cluster]];
    let task = (of.insights == Insights::Enhanced).then_some(("TaskId", of.task.as_str()));
    for owner in owners(of) {
        sets.push(vec![cluster, owner]);
        sets.extend(task.map(|task| vec![cluster, owner, task]));
    }
    sets
}

/// The dimensions that a container counts for; the first is the cluster.
fn container_sets<'a>(of: &'a Of, name: &'a str) -> Vec<Dimensions<'a>> {
    let (cluster, container) = (("ClusterName", of.cluster.as_str()), ("ContainerName", name));
    let mut sets = vec![vec![cluster]];
    for owner in owners(of) {
        sets.push(vec![cluster, owner, container]);
        sets.push(vec![cluster, owner, ("TaskId", of.task.as_str()), container]);
    }
    sets
}

fn owners(of: &Of) -> impl Iterator<Item = (&'static str, &str)> {
    let service = of.service.as_deref().map(|service| ("ServiceName", service));
    std::iter::once(("TaskDefinitionFamily", of.family.as_str())).chain(service)
}
