//! Measures what tasks use, once a second, and tells it once a minute.
//!
//! A task's CPU time is a counter, so that none of it is missed between two looks; its memory is
//! what processes hold, without the page cache that the kernel would drop first. Both are told in
//! percent of what the task reserves, one value per task and minute, so that a service's average
//! is that of its tasks. Where a cluster has Container Insights, what containers use, network and
//! storage are looked at too.
//!
//! Source: "Amazon ECS service utilization metrics" in the ECS guide.

mod counts;
mod disks;
mod insights;
mod load_balancers;
mod minute;
mod sample;

use std::collections::HashMap;
use std::time::Instant;

use neargate_api::model::ecs::{Cluster, Task, TaskDefinition, TaskStatus};
use neargate_api::{Snapshot, Timestamp};
use neargate_runtime::TaskStats;

use crate::Monitoring;
use crate::told::{Told, minute_of};
use disks::Disks;
use insights::Insights;
use minute::{Minute, Of};
use sample::Look;

/// The measures of the minute that goes on.
pub struct Measures {
    seen: HashMap<String, Look>,
    disks: Disks,
    minute: Minute,
}

impl Measures {
    pub fn begin(now: Timestamp) -> Self {
        let minute = Minute::numbered(minute_of(now));
        Measures { seen: HashMap::new(), disks: Disks::default(), minute }
    }

    /// Looks at all tasks; tells the minute before, where this is another one. Gives whether it is.
    pub fn turn(&mut self, monitoring: &Monitoring, now: Timestamp) -> bool {
        let next = minute_of(now);
        let is_over = self.minute.number() != next;
        let snapshot = monitoring.cloud.store.snapshot();
        if is_over {
            let over = std::mem::replace(&mut self.minute, Minute::numbered(next));
            let mut told = Told::default();
            over.tell(&mut told);
            counts::tell(&snapshot, &mut told);
            load_balancers::tell(&snapshot, &monitoring.traffic.take(), &mut told);
            put(monitoring, &told, over.number(), now);
        }
        self.look(monitoring, &snapshot);
        is_over
    }

    /// Adds what each running task has used since the last look.
    fn look(&mut self, monitoring: &Monitoring, snapshot: &Snapshot) {
        let before = std::mem::take(&mut self.seen);
        let mut insights = HashMap::new();
        let mut on_disk = Vec::new();
        for task in snapshot.all::<Task>().filter(|task| task.status == TaskStatus::Running) {
            let Some(running) = monitoring.running.get(&task.id) else { continue };
            let key = TaskDefinition::key_in(&task.region, &task.task_definition_arn);
            let Some(definition) = key.and_then(|key| snapshot.get::<TaskDefinition>(&key)) else {
                continue;
            };
            let cluster = Cluster::key_of(&task.region, &task.cluster);
            let insights = *insights
                .entry(cluster)
                .or_insert_with_key(|key| Insights::of(snapshot.get::<Cluster>(key).as_deref()));
            let stats = match insights {
                Insights::Off => TaskStats { task: running.usage(), ..TaskStats::default() },
                _ => running.stats(),
            };
            let look = Look { at: Instant::now(), stats };
            if let Some(before) = before.get(&task.id) {
                let mut sample = sample::between(before, &look, &task, &definition);
                sample.disk_bytes = self.disks.of(&task.id);
                self.minute.add(Of::task(&task, &definition, insights), sample);
            }
            if insights != Insights::Off {
                on_disk.push(running);
            }
            self.seen.insert(task.id.clone(), look);
        }
        self.disks.follow(on_disk);
    }
}

/// Puts a minute, and those that the clock has skipped after it.
fn put(monitoring: &Monitoring, told: &Told, number: i64, now: Timestamp) {
    let mut problem = None;
    for data in told.minutes(number, minute_of(now)) {
        if !data.is_empty()
            && let Err(error) = monitoring.series.put(&data)
        {
            problem = Some(error.to_string());
        }
    }
    if let Some(problem) = &problem {
        tracing::warn!(problem, "a minute's measures are lost");
    }
    monitoring.progress.note("measures", now, problem.into_iter().collect());
}
