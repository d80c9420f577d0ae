//! The metrics of Container Insights that are counts of what a cluster has: its services and their
//! tasks, as they are when the minute ends. A service without a task is told to have none. Pure.

use std::collections::HashMap;

use neargate_api::Snapshot;
use neargate_api::model::ecs::{Cluster, Controller, Service, ServiceStatus, Task, TaskStatus};
use neargate_series::{Metric, Unit};

use super::insights::{Insights, NAMESPACE};
use crate::told::Told;

/// Tells all clusters that have Container Insights.
pub fn tell(snapshot: &Snapshot, told: &mut Told) {
    for cluster in snapshot.all::<Cluster>() {
        if Insights::of(Some(&cluster)) != Insights::Off {
            tell_cluster(snapshot, &cluster, told);
        }
    }
}

/// Tasks that run, and that are on their way there.
#[derive(Default)]
struct Tasks {
    running: u32,
    pending: u32,
}

fn tell_cluster(snapshot: &Snapshot, cluster: &Cluster, told: &mut Told) {
    let prefix = format!("{}/{}/", cluster.region, cluster.name);
    let mut by_service: HashMap<Option<String>, Tasks> = HashMap::new();
    for task in snapshot.scan::<Task>(&prefix) {
        let tasks = by_service.entry(task.service.clone()).or_default();
        match task.status {
            TaskStatus::Running => tasks.running += 1,
            TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => {
                tasks.pending += 1;
            }
            _ => {}
        }
    }
    let mut level = |name: &str, service: Option<&str>, value: u32| {
        let dimensions = std::iter::once(("ClusterName", cluster.name.as_str()))
            .chain(service.map(|service| ("ServiceName", service)));
        let metric = Metric::new(&cluster.region, NAMESPACE, name, dimensions);
        told.level(metric, Unit::COUNT, value.into());
    };
    let services = snapshot.scan::<Service>(&prefix);
    let mut service_count = 0;
    for service in services.filter(|service| service.status == ServiceStatus::Active) {
        service_count += 1;
        let none = Tasks::default();
        let tasks = by_service.get(&Some(service.name.clone())).unwrap_or(&none);
        let deployments = service.deployments.len() as u32;
        let (deployments, task_sets) = match service.controller {
            Controller::Ecs => (deployments, 0),
            Controller::CodeDeploy | Controller::External => (0, deployments),
        };
        let name = Some(service.name.as_str());
        level("DesiredTaskCount", name, service.desired_count);
        level("RunningTaskCount", name, tasks.running);
        level("PendingTaskCount", name, tasks.pending);
        level("DeploymentCount", name, deployments);
        level("TaskSetCount", name, task_sets);
    }
    level("ServiceCount", None, service_count);
    level("TaskCount", None, by_service.values().map(|tasks| tasks.running).sum());
}

#[cfg(test)]
mod tests;
