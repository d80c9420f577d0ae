//! One minute of measures, and the metrics of `AWS/ECS` that are made of it. Pure.

use std::collections::BTreeMap;

use neargate_api::model::ecs::{Task, TaskDefinition};
use neargate_series::{Metric, Unit};

use super::insights::{self, Insights};
use super::sample::Sample;
use crate::told::Told;

const NAMESPACE: &str = "AWS/ECS";
/// CPU units of one CPU, as ECS counts them.
pub const UNITS_OF_A_CPU: f64 = 1024.0;
pub const BYTES_OF_A_MIB: f64 = 1024.0 * 1024.0;

/// Whose a measure is, and what it reserves.
#[derive(Clone, Debug)]
pub struct Of {
    pub region: String,
    pub cluster: String,
    pub service: Option<String>,
    pub family: String,
    pub task: String,
    pub cpu_units: u32,
    pub memory_mib: u32,
    pub disk_gib: u32,
    pub insights: Insights,
}

/// The measures between two full minutes of the cloud's time.
pub struct Minute {
    number: i64,
    /// By the task's id.
    tasks: BTreeMap<String, (Of, Sums)>,
}

/// What was seen of a task, added up.
#[derive(Default)]
pub struct Sums {
    pub looks: f64,
    pub seconds: f64,
    pub cpus: f64,
    pub memory_bytes: f64,
    pub rx_bytes: f64,
    pub tx_bytes: f64,
    pub read_bytes: f64,
    pub written_bytes: f64,
    /// The last that was counted.
    pub disk_bytes: Option<u64>,
    pub containers: BTreeMap<String, ContainerSums>,
}

/// The same of one container.
#[derive(Default)]
pub struct ContainerSums {
    pub looks: f64,
    pub cpus: f64,
    pub memory_bytes: f64,
    pub read_bytes: f64,
    pub written_bytes: f64,
    pub cpu_units: u32,
    pub memory_mib: u32,
    /// Restarts until the first look, and until the last.
    pub restarts: Option<(u32, u32)>,
    /// At the last look.
    pub is_unhealthy: Option<bool>,
}

impl Of {
    pub fn task(task: &Task, definition: &TaskDefinition, insights: Insights) -> Self {
        let own = |size: &Option<String>| size.as_deref().and_then(|size| size.parse().ok());
        let disk = task.wire.ephemeral_storage.as_ref().map(|storage| storage.size_in_gi_b);
        Of {
            region: task.region.clone(),
            cluster: task.cluster.clone(),
            service: task.service.clone(),
            family: definition.family.clone(),
            task: task.id.clone(),
            cpu_units: own(&task.wire.cpu).unwrap_or_else(|| definition.cpu_units()),
            memory_mib: own(&task.wire.memory).unwrap_or_else(|| definition.memory_mib()),
            disk_gib: disk.and_then(|gib| gib.try_into().ok()).unwrap_or(20),
            insights,
        }
    }
}

impl Minute {
    pub fn numbered(number: i64) -> Self {
        Minute { number, tasks: BTreeMap::new() }
    }

    pub fn number(&self) -> i64 {
        self.number
    }

    pub fn add(&mut self, of: Of, sample: Sample) {
        let (known, sums) =
            self.tasks.entry(of.task.clone()).or_insert_with(|| (of.clone(), Sums::default()));
        *known = of;
        sums.add(sample);
    }

    /// Tells the metrics of services and clusters, a value for each of their tasks, and those of
    /// Container Insights.
    pub fn tell(&self, told: &mut Told) {
        for (of, sums) in self.tasks.values() {
            utilization(of, sums, told);
            insights::tell(of, sums, told);
        }
    }
}

impl Sums {
    fn add(&mut self, sample: Sample) {
        self.looks += 1.0;
        self.seconds += sample.seconds;
        self.cpus += sample.cpus;
        self.memory_bytes += sample.memory_bytes as f64;
        self.rx_bytes += sample.rx_bytes as f64;
        self.tx_bytes += sample.tx_bytes as f64;
        self.read_bytes += sample.read_bytes as f64;
        self.written_bytes += sample.written_bytes as f64;
        self.disk_bytes = sample.disk_bytes.or(self.disk_bytes);
        for (name, sample) in sample.containers {
            let sums = self.containers.entry(name).or_default();
            sums.looks += 1.0;
            sums.cpus += sample.cpus;
            sums.memory_bytes += sample.memory_bytes as f64;
            sums.read_bytes += sample.read_bytes as f64;
            sums.written_bytes += sample.written_bytes as f64;
            (sums.cpu_units, sums.memory_mib) = (sample.cpu_units, sample.memory_mib);
            sums.restarts =
                sample.restarts.map(|now| (sums.restarts.map_or(now, |(first, _)| first), now));
            sums.is_unhealthy = sample.is_unhealthy;
        }
    }
}

fn utilization(of: &Of, sums: &Sums, told: &mut Told) {
    let Some(service) = &of.service else { return };
    let cpus = f64::from(of.cpu_units) / UNITS_OF_A_CPU;
    let bytes = f64::from(of.memory_mib) * BYTES_OF_A_MIB;
    let values = [
        ("CPUUtilization", 100.0 * sums.cpus / sums.looks / cpus),
        ("MemoryUtilization", 100.0 * sums.memory_bytes / sums.looks / bytes),
    ];
    let cluster = ("ClusterName", of.cluster.as_str());
    let service = ("ServiceName", service.as_str());
    for (name, value) in values {
        for dimensions in [&[cluster, service][..], &[cluster]] {
            let metric = Metric::new(&of.region, NAMESPACE, name, dimensions.iter().copied());
            told.level(metric, Unit::PERCENT, value);
        }
    }
}

#[cfg(test)]
mod tests;
