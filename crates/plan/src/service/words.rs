//! What a service's events say of tasks that start and stop, without the leading `(service S)`.

use neargate_model::ecs::{EventKind, Said};

use super::{Start, Stop};

/// That these tasks were started.
pub fn started(start: &Start, task_ids: &[String]) -> Said {
    let (count, tasks) = (task_ids.len(), named(task_ids));
    let mut what = format!("has started {count} tasks: {tasks}.");
    if start.replaces_unhealthy {
        let more = format!(" Amazon ECS replaced {count} tasks due to an unhealthy status.");
        what.push_str(&more);
    }
    what.into()
}

/// That these were asked to stop.
pub fn stopped(stops: &[Stop]) -> Option<Said> {
    let ids: Vec<String> = stops.iter().map(|stop| stop.task_id.clone()).collect();
    if ids.is_empty() {
        return None;
    }
    let what = format!("has stopped {} running tasks: {}.", ids.len(), named(&ids));
    Some(Said::new(EventKind::TasksStopped(ids), what))
}

fn named(task_ids: &[String]) -> String {
    let named: Vec<String> = task_ids.iter().map(|id| format!("(task {id})")).collect();
    named.join(" ")
}
