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
mod databases;
mod disks;
mod fine;
mod insights;
mod load_balancers;
mod logs;
mod minute;
mod repositories;
mod sample;

use std::collections::HashMap;
use std::time::Instant;

use neargate_api::model::ecs::{Cluster, Service, Task, TaskDefinition, TaskStatus};
use neargate_api::{Snapshot, Timestamp};
use neargate_runtime::TaskStats;

use crate::Monitoring;
use crate::told::{MINUTE, Span, THIRD, Told};
use databases::Databases;
use disks::Disks;
use fine::Third;
use insights::Insights;
use minute::{Minute, Of};
use sample::Look;

/// The measures of the minute that goes on.
pub struct Measures {
    seen: HashMap<String, Look>,
    disks: Disks,
    databases: Databases,
    minute: Minute,
    third: Third,
}

impl Measures {
    pub fn begin(now: Timestamp) -> Self {
        let (minute, third) = (Minute::numbered(MINUTE.of(now)), Third::numbered(THIRD.of(now)));
        Measures {
            seen: HashMap::new(),
            disks: Disks::default(),
            databases: Databases::default(),
            minute,
            third,
        }
    }

    /// Looks at all tasks; tells the minute before, where this is another one. Gives whether it is.
    pub fn turn(&mut self, monitoring: &Monitoring, now: Timestamp) -> bool {
        self.turn_third(monitoring, now);
        let next = MINUTE.of(now);
        let is_over = self.minute.number() != next;
        let snapshot = monitoring.cloud.store.snapshot();
        if is_over {
            let over = std::mem::replace(&mut self.minute, Minute::numbered(next));
            let mut told = Told::default();
            over.tell(&mut told);
            counts::tell(&snapshot, &mut told);
            load_balancers::tell(&snapshot, &monitoring.traffic.take(), &mut told);
            repositories::tell(&monitoring.pulls.take(), &mut told);
            logs::tell(&snapshot, &monitoring.lines.take_incoming(), &mut told);
            self.databases.tell(&snapshot, &monitoring.databases, &mut told);
            put(monitoring, &told, (MINUTE, over.number()), now);
        }
        self.look(monitoring, &snapshot);
        is_over
    }

    /// The same of what is told more finely.
    fn turn_third(&mut self, monitoring: &Monitoring, now: Timestamp) {
        let next = THIRD.of(now);
        if self.third.number() != next {
            let over = std::mem::replace(&mut self.third, Third::numbered(next));
            let mut told = Told::default();
            over.tell(&mut told);
            put(monitoring, &told, (THIRD, over.number()), now);
        }
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
                let service = task.service.as_ref().and_then(|name| {
                    let key = Service::key_of(&task.region, &task.cluster, name);
                    snapshot.get::<Service>(&key)
                });
                let mut of = Of::task(&task, &definition, insights);
                of.fine = service.map(|service| fine::metrics_of(&service)).unwrap_or_default();
                self.third.add(&of, &sample);
                self.minute.add(of, sample);
            }
            if insights != Insights::Off {
                on_disk.push(running);
            }
            self.seen.insert(task.id.clone(), look);
        }
        self.disks.follow(on_disk);
    }
}

/// Puts a minute, or a third of one, and those that the clock has skipped after it.
fn put(monitoring: &Monitoring, told: &Told, (span, number): (Span, i64), now: Timestamp) {
    let mut problem = None;
    for data in told.data(span, number, span.of(now)) {
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
