//! The utilization of services that are monitored more finely: every 20 seconds, where the service's
//! `monitoring` says so. The cluster's is by the minute. Pure.
//!
//! Source: "Faster auto scaling with high-resolution metrics" in the ECS guide.

use std::collections::BTreeMap;

use neargate_api::model::ecs::Service;
use neargate_series::Unit;

use super::minute::Of;
use super::sample::Sample;
use crate::told::Told;

/// The metrics of a service that are told by the third of a minute.
pub fn metrics_of(service: &Service) -> Vec<&'static str> {
    let configurations = service.monitoring.as_ref().and_then(|m| m.metric_configurations.as_ref());
    let fine = configurations.into_iter().flatten().filter(|c| c.resolution_seconds == 20);
    let names: Vec<&String> = fine.flat_map(|configuration| &configuration.metric_names).collect();
    let known = ["CPUUtilization", "MemoryUtilization"].into_iter();
    known.filter(|known| names.iter().any(|name| name == known)).collect()
}

/// The measures of a third of a minute.
pub struct Third {
    number: i64,
    /// By the task's id.
    tasks: BTreeMap<String, (Of, Sums)>,
}

#[derive(Default)]
struct Sums {
    looks: f64,
    cpus: f64,
    memory_bytes: f64,
}

impl Third {
    pub fn numbered(number: i64) -> Self {
        Third { number, tasks: BTreeMap::new() }
    }

    pub fn number(&self) -> i64 {
        self.number
    }

    /// Adds a look at a task, where it is monitored so.
    pub fn add(&mut self, of: &Of, sample: &Sample) {
        if of.fine.is_empty() {
            return;
        }
        let (known, sums) =
            self.tasks.entry(of.task.clone()).or_insert_with(|| (of.clone(), Sums::default()));
        *known = of.clone();
        sums.looks += 1.0;
        sums.cpus += sample.cpus;
        sums.memory_bytes += sample.memory_bytes as f64;
    }

    pub fn tell(&self, told: &mut Told) {
        for (of, sums) in self.tasks.values() {
            let values = of.percents(sums.cpus / sums.looks, sums.memory_bytes / sums.looks);
            for (name, value) in values.into_iter().filter(|(name, _)| of.fine.contains(name)) {
                told.level(of.utilization(name, of.service.as_deref()), Unit::PERCENT, value);
            }
        }
    }
}
