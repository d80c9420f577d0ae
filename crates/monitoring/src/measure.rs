//! Measures what tasks use, once a second, and tells it once a minute.
//!
//! A task's CPU time is a counter, so that none of it is missed between two looks; its memory is
//! what processes hold, without the page cache that the kernel would drop first. Both are told in
//! percent of what the task reserves, one value per task and minute, so that a service's average
//! is that of its tasks.
//!
//! Source: "Amazon ECS service utilization metrics" in the ECS guide.

mod minute;

use std::collections::HashMap;
use std::time::Instant;

use neargate_api::Timestamp;
use neargate_api::model::ecs::{Task, TaskDefinition, TaskStatus};

use crate::Monitoring;
use minute::{Minute, Of, Sample};

/// A task at the last look.
struct Seen {
    at: Instant,
    cpu_ns: u64,
}

/// The measures of the minute that goes on.
pub struct Measures {
    seen: HashMap<String, Seen>,
    minute: Minute,
}

impl Measures {
    pub fn begin(now: Timestamp) -> Self {
        Measures { seen: HashMap::new(), minute: Minute::at(now) }
    }

    /// Looks at all tasks; tells the minute before, where this is another one. Gives whether it is.
    pub fn turn(&mut self, monitoring: &Monitoring, now: Timestamp) -> bool {
        let is_over = !self.minute.has(now);
        if is_over {
            tell(monitoring, std::mem::replace(&mut self.minute, Minute::at(now)), now);
        }
        look(monitoring, &mut self.seen, &mut self.minute);
        is_over
    }
}

/// Adds what each running task has used since the last look.
fn look(monitoring: &Monitoring, seen: &mut HashMap<String, Seen>, minute: &mut Minute) {
    let snapshot = monitoring.cloud.store.snapshot();
    let mut now_seen = HashMap::with_capacity(seen.len());
    for task in snapshot.all::<Task>().filter(|task| task.status == TaskStatus::Running) {
        let Some(running) = monitoring.running.get(&task.id) else { continue };
        let key = TaskDefinition::key_in(&task.region, &task.task_definition_arn);
        let Some(definition) = key.and_then(|key| snapshot.get::<TaskDefinition>(&key)) else {
            continue;
        };
        let usage = running.usage();
        let (at, cpu_ns) = (Instant::now(), usage.cpu_ns);
        if let Some(before) = seen.get(&task.id) {
            let passed = at.duration_since(before.at).as_nanos() as f64;
            let used = cpu_ns.saturating_sub(before.cpu_ns) as f64;
            minute.add(
                Of::task(&task, &definition),
                Sample {
                    cpus: used / passed,
                    memory_bytes: usage
                        .memory_bytes
                        .saturating_sub(usage.memory_inactive_file_bytes),
                },
            );
        }
        now_seen.insert(task.id.clone(), Seen { at, cpu_ns });
    }
    *seen = now_seen;
}

fn tell(monitoring: &Monitoring, minute: Minute, now: Timestamp) {
    let data = minute.data();
    let put = if data.is_empty() { Ok(()) } else { monitoring.series.put(&data) };
    let problem = put.err().map(|error| error.to_string());
    if let Some(problem) = &problem {
        tracing::warn!(problem, "a minute's measures are lost");
    }
    monitoring.progress.note("measures", now, problem.into_iter().collect());
}
