//! One minute of measures, and the metrics that are made of it. Pure.

use std::collections::BTreeMap;

use neargate_api::Timestamp;
use neargate_api::model::ecs::{Task, TaskDefinition};
use neargate_series::{Datum, Metric, StatisticSet, Unit};

const NAMESPACE: &str = "AWS/ECS";
/// CPU units of one CPU, as ECS counts them.
const UNITS_OF_A_CPU: f64 = 1024.0;
const BYTES_OF_A_MIB: f64 = 1024.0 * 1024.0;

/// Whose a measure is, and what it reserves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Of {
    pub region: String,
    pub cluster: String,
    pub service: Option<String>,
    pub task: String,
    pub cpu_units: u32,
    pub memory_mib: u32,
}

/// One look at a task.
pub struct Sample {
    /// CPUs that it kept busy since the look before.
    pub cpus: f64,
    pub memory_bytes: u64,
}

/// The measures between two full minutes of the cloud's time.
pub struct Minute {
    number: i64,
    tasks: BTreeMap<Of, Sums>,
}

#[derive(Default)]
struct Sums {
    looks: f64,
    cpus: f64,
    memory_bytes: f64,
}

impl Of {
    pub fn task(task: &Task, definition: &TaskDefinition) -> Self {
        let own = |size: &Option<String>| size.as_deref().and_then(|size| size.parse().ok());
        Of {
            region: task.region.clone(),
            cluster: task.cluster.clone(),
            service: task.service.clone(),
            task: task.id.clone(),
            cpu_units: own(&task.wire.cpu).unwrap_or_else(|| definition.cpu_units()),
            memory_mib: own(&task.wire.memory).unwrap_or_else(|| definition.memory_mib()),
        }
    }
}

impl Minute {
    /// The minute that an instant is in.
    pub fn at(now: Timestamp) -> Self {
        Minute { number: number(now), tasks: BTreeMap::new() }
    }

    pub fn has(&self, now: Timestamp) -> bool {
        self.number == number(now)
    }

    pub fn add(&mut self, of: Of, sample: Sample) {
        let sums = self.tasks.entry(of).or_default();
        sums.looks += 1.0;
        sums.cpus += sample.cpus;
        sums.memory_bytes += sample.memory_bytes as f64;
    }

    /// The metrics of services and clusters: a value for each of their tasks.
    pub fn data(&self) -> Vec<Datum> {
        let mut metrics: BTreeMap<Metric, StatisticSet> = BTreeMap::new();
        for (of, sums) in &self.tasks {
            let Some(service) = &of.service else { continue };
            let cpus = f64::from(of.cpu_units) / UNITS_OF_A_CPU;
            let bytes = f64::from(of.memory_mib) * BYTES_OF_A_MIB;
            let values = [
                ("CPUUtilization", 100.0 * sums.cpus / sums.looks / cpus),
                ("MemoryUtilization", 100.0 * sums.memory_bytes / sums.looks / bytes),
            ];
            for (name, value) in values {
                let cluster = ("ClusterName", of.cluster.as_str());
                let service = ("ServiceName", service.as_str());
                for dimensions in [&[cluster, service][..], &[cluster]] {
                    let metric =
                        Metric::new(&of.region, NAMESPACE, name, dimensions.iter().copied());
                    let value = StatisticSet::of(value);
                    metrics.entry(metric).and_modify(|sum| sum.add(&value)).or_insert(value);
                }
            }
        }
        let at = Timestamp::from_secs(self.number * 60);
        let datum = |(metric, values)| Datum {
            metric,
            unit: Unit::PERCENT,
            at,
            high_resolution: false,
            values,
        };
        metrics.into_iter().map(datum).collect()
    }
}

fn number(now: Timestamp) -> i64 {
    now.secs().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn of(service: Option<&str>, task: &str, cpu_units: u32) -> Of {
        Of {
            region: "us-west-2".into(),
            cluster: "prod".into(),
            service: service.map(str::to_owned),
            task: task.into(),
            cpu_units,
            memory_mib: 512,
        }
    }

    #[test]
    fn a_service_is_the_average_of_its_tasks_of_what_they_reserve() {
        let mut minute = Minute::at(Timestamp::from_secs(125));
        for second in 0..4 {
            let used = |cpus, mib: u64| Sample { cpus, memory_bytes: mib << 20 };
            minute.add(of(Some("web"), "a", 256), used(0.25 * f64::from(second % 2), 128));
            minute.add(of(Some("web"), "b", 1024), used(1.0, 256));
            minute.add(of(Some("api"), "c", 512), used(0.05, 512));
            minute.add(of(None, "alone", 256), used(0.25, 512));
        }
        let line = |datum: Datum| {
            let set = &datum.values;
            let service = datum.metric.dimension("ServiceName").unwrap_or("all services");
            format!(
                "{} {service}: {} tasks, average {} from {} to {} at {}\n",
                datum.metric.name,
                set.count,
                set.average(),
                set.min,
                set.max,
                datum.at.secs()
            )
        };
        let told: String = minute.data().into_iter().map(line).collect();
        expect![[r#"
            CPUUtilization all services: 3 tasks, average 53.333333333333336 from 10 to 100 at 120
            CPUUtilization api: 1 tasks, average 10 from 10 to 10 at 120
            CPUUtilization web: 2 tasks, average 75 from 50 to 100 at 120
            MemoryUtilization all services: 3 tasks, average 58.333333333333336 from 25 to 100 at 120
            MemoryUtilization api: 1 tasks, average 100 from 100 to 100 at 120
            MemoryUtilization web: 2 tasks, average 37.5 from 25 to 50 at 120
        "#]].assert_eq(&told);
    }

    #[test]
    fn a_minute_ends_with_the_next() {
        let minute = Minute::at(Timestamp::from_secs(119));
        assert!(minute.has(Timestamp::from_secs(60)) && !minute.has(Timestamp::from_secs(120)));
    }
}
