//! What a service's events say of tasks that start and stop, without the leading `(service S)`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use neargate_model::ecs::{EventKind, Said};

use super::{Start, Stop};

/// That these tasks were started.
pub fn started(start: &Start, task_ids: &[String]) -> Said {
    let (count, tasks) = (task_ids.len(), named(task_ids));
    if let Some(zone) = &start.zone {
        let what = format!("has started {count} tasks in {zone} to AZ Rebalance: {tasks}.");
        return Said::new(EventKind::RebalancingTasksStarted(task_ids.to_vec()), what);
    }
    let mut what = format!("has started {count} tasks: {tasks}.");
    if start.replaces_unhealthy {
        let more = format!(" Amazon ECS replaced {count} tasks due to an unhealthy status.");
        what.push_str(&more);
    }
    what.into()
}

/// That these were asked to stop.
pub fn stopped(stops: &[Stop]) -> Vec<Said> {
    let mut by_zone: BTreeMap<Option<&String>, Vec<String>> = BTreeMap::new();
    for stop in stops {
        by_zone.entry(stop.zone.as_ref()).or_default().push(stop.task_id.clone());
    }
    let said = by_zone.into_iter().map(|(zone, ids)| {
        let (count, tasks) = (ids.len(), named(&ids));
        let what = match zone {
            None => format!("has stopped {count} running tasks: {tasks}."),
            Some(zone) => format!(
                "has stopped {count} running tasks in {zone} due to AZ rebalancing: {tasks}."
            ),
        };
        Said::new(EventKind::TasksStopped(ids), what)
    });
    said.collect()
}

/// That a deployment, which such events call a task set, could not do something, as so many of
/// its tasks are protected.
pub fn protected(from: &str, deployment: &str, count: usize) -> Said {
    let what = format!(
        "was unable to {from} because (taskSet {deployment}) was unable to scale in due to \
         (reason {count} tasks under protection)"
    );
    Said::new(EventKind::ScaleInProtected(deployment.to_owned()), what)
}

/// `2 tasks in us-west-2b, 1 tasks in us-west-2a`: the zone that has the most comes first.
pub fn spread(zones: &[(String, usize)]) -> String {
    let mut zones = zones.to_vec();
    zones.sort_by_key(|(_, tasks)| Reverse(*tasks));
    let told: Vec<String> =
        zones.iter().map(|(zone, tasks)| format!("{tasks} tasks in {zone}")).collect();
    told.join(", ")
}

fn named(task_ids: &[String]) -> String {
    let named: Vec<String> = task_ids.iter().map(|id| format!("(task {id})")).collect();
    named.join(" ")
}
